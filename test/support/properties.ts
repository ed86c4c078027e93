// Before every test file: properties draw the same cases in every run, so that what failed once fails again. `npm run properties` draws others.
import fc from 'fast-check';

const seed = Number(process.env.PROPERTY_SEED ?? 1);
if (!Number.isInteger(seed)) throw new Error(`PROPERTY_SEED must be a whole number, got ${process.env.PROPERTY_SEED}`);
// A list is as long as its property allows: by itself the library makes few of more than ten.
fc.configureGlobal({ ...fc.readConfigureGlobal(), seed, defaultSizeToMaxWhenMaxSpecified: true });
