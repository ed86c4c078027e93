// What every detector of a lane may look up: registrations, devices, drugs and reversals, as the events so far have told.
import type { LaneEvent } from '@yunjian/contracts';
import { createCatalogue } from './catalogue.ts';
import { createDevices } from './devices.ts';
import { createRegistry } from './registry.ts';
import { createReversals } from './reversals.ts';
import type { KeyedState } from './state.ts';

export class Known {
  readonly registry;
  readonly devices;
  readonly catalogue;
  readonly reversals;

  constructor(state: KeyedState) {
    this.registry = createRegistry(state.table('registry'));
    this.devices = createDevices(state);
    this.catalogue = createCatalogue(state.table('catalogue'));
    this.reversals = createReversals(state.table('reversal'));
  }

  /** After the tables were loaded. */
  restore(): void {
    this.devices.restore();
  }

  take(event: LaneEvent): void {
    switch (event.kind) {
      case 'institution':
        this.registry.take(event);
        break;
      case 'drug':
        this.catalogue.take(event);
        break;
      case 'reversal':
        this.reversals.take(event);
        break;
      case 'heartbeat':
      case 'identityCheck':
      case 'presence':
      case 'cameraStatus':
      case 'staffPresence':
        this.devices.take(event);
        break;
      default:
    }
  }

  /** @param observed the observed clock, ms */
  prune(observed: number): void {
    this.devices.prune(observed);
    this.reversals.prune(observed);
  }
}
