// Topics of a simulated world, and the lanes that somebody reads in it.
import { type Lane, topicNames } from '@yunjian/contracts';

export const NAMES = topicNames('yj');
/** No rule of the simulated families stands on the person lane. */
export const LANES_READ: readonly Lane[] = ['institution', 'code'];
