// More days' supply on one line than the patient may take home.
import { aboutPerson, oneSale } from './deeds.ts';

export const excessSupply = oneSale('excess-supply', { perHour: 0.6, floor: 0 }, {}, ({ site }) => ({
  days: 12 + site.random.below(30),
  tell: (stage, _made, { person, institution, at }) =>
    stage.truth(aboutPerson('excess-supply', person, institution, at, at), at),
}));
