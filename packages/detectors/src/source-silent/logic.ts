// Silence measured on the surveillance feed's clock for devices, on the settlement feed's for institutions and on each feed's own ticks for
// feeds: while we stand still, so do they.
import {
  type CameraStatus,
  type Feed,
  type Heartbeat,
  type IdentityCheck,
  type Institution,
  isoShanghai,
  localDate,
  localDay,
  type Presence,
  type StaffPresence,
} from '@yunjian/contracts';
import { cameraEvidence, type DetectorHost, type Raise, type Table, type WindowedLogic } from '@yunjian/detection';
import { InstitutionSilence, institutionOf } from './institutions.ts';
import type { SourceSilentParams } from './params.ts';

/** Reference data comes when it changes: its silence says nothing. */
const WATCHED: readonly Feed[] = ['settlement', 'surveillance', 'trace'];

interface Watched {
  institution: string | null;
  /** Arrival of the last record, or of the registration; ms. */
  last: number;
  /** Arrival of the last record before the silence that stands; null: no alert stands. */
  silentSince: number | null;
}

export class SourceSilentLogic implements WindowedLogic {
  readonly #host: DetectorHost<SourceSilentParams>;
  /** Registered devices, and `feed/<name>`. */
  readonly #sources: Table<Watched>;
  /** Devices by institution. Built anew on restore. */
  readonly #devices = new Map<string, Set<string>>();
  readonly #institutions: InstitutionSilence;
  readonly on: WindowedLogic['on'];

  constructor(host: DetectorHost<SourceSilentParams>) {
    this.#host = host;
    this.#sources = host.table('source', { hot: true });
    this.#institutions = new InstitutionSilence(host);
    const sign = (event: Heartbeat | IdentityCheck | Presence | StaffPresence | CameraStatus) =>
      this.#spoke(event.device, event.arrival);
    this.on = {
      heartbeat: sign,
      identityCheck: sign,
      presence: sign,
      staffPresence: sign,
      cameraStatus: sign,
      institution: (event) => this.#register(event),
      settlement: (event) => this.#institutions.settle(event),
      reversal: (event) => this.#institutions.settle(event),
    };
  }

  restore(): void {
    for (const [source, watched] of this.#sources.entries()) {
      if (watched.institution === null) continue;
      this.#devicesOf(watched.institution).add(source);
      if (watched.silentSince === null) this.#arm(source, watched);
    }
    this.#institutions.restore();
  }

  onTimer(id: string): void {
    const institution = institutionOf(id);
    if (institution === null) this.#deviceDue(id);
    else this.#institutions.onTimer(institution);
  }

  #deviceDue(device: string): void {
    const watched = this.#sources.get(device);
    if (watched === undefined || watched.silentSince !== null) return;
    if (this.#host.clocks.at('surveillance') <= watched.last + this.#limit(watched)) {
      this.#arm(device, watched);
      return;
    }
    watched.silentSince = watched.last;
    this.#sources.set(device, watched);
    this.#host.raise(this.#deviceClaim(device, watched, null));
  }

  onMark(): void {
    this.#institutions.onMark();
    if (this.#host.partition !== 0) return;
    for (const feed of WATCHED) this.#feed(feed);
  }

  #feed(feed: Feed): void {
    const last = this.#host.clocks.lastEvent(feed);
    if (last === null) return;
    const key = `feed/${feed}`;
    const watched = this.#sources.get(key) ?? { institution: null, last, silentSince: null };
    const silent = this.#host.clocks.at(feed) - last > this.#host.params(null).feed * 1000;
    if (silent && watched.silentSince === null) {
      watched.silentSince = last;
      this.#sources.set(key, watched);
      this.#host.raise(this.#feedClaim(feed, last, null));
    } else if (watched.silentSince !== null && last > watched.silentSince) {
      const since = watched.silentSince;
      watched.silentSince = null;
      this.#sources.set(key, watched);
      this.#host.withdraw(this.#feedClaim(feed, since, last));
    }
  }

  #register(event: Institution): void {
    const current = this.#host.registry.latest(event.institution)?.counters ?? [];
    const devices = new Set(current.map(({ device }) => device));
    const known = this.#devicesOf(event.institution);
    // In an order of their own: a finding must bear the same cause when the partition is taken up again.
    for (const device of [...known].sort()) if (!devices.has(device)) this.#forget(device);
    for (const device of devices) {
      const moved = this.#sources.get(device)?.institution ?? event.institution;
      if (moved !== event.institution) this.#forget(device);
      if (this.#sources.has(device)) continue;
      const watched = { institution: event.institution, last: event.arrival, silentSince: null };
      known.add(device);
      this.#sources.set(device, watched);
      this.#arm(device, watched);
    }
    this.#institutions.register(event.institution);
  }

  #forget(device: string): void {
    const watched = this.#sources.get(device) as Watched;
    if (watched.silentSince !== null) this.#host.withdraw(this.#deviceClaim(device, watched, watched.last));
    this.#host.timers.cancel(device);
    this.#sources.delete(device);
    this.#devicesOf(watched.institution as string).delete(device);
  }

  #devicesOf(institution: string): Set<string> {
    let devices = this.#devices.get(institution);
    if (devices === undefined) {
      devices = new Set();
      this.#devices.set(institution, devices);
    }
    return devices;
  }

  #spoke(device: string | null, arrival: number): void {
    if (device === null) return;
    const watched = this.#sources.get(device);
    if (watched === undefined || watched.institution === null || arrival <= watched.last) return;
    watched.last = arrival;
    if (watched.silentSince !== null) {
      this.#host.withdraw(this.#deviceClaim(device, watched, arrival));
      watched.silentSince = null;
      this.#arm(device, watched);
    }
    this.#sources.set(device, watched);
  }

  /** Armed once; when it fires too early, because the device spoke since, it is armed again: no work per record. */
  #arm(device: string, watched: Watched): void {
    this.#host.timers.arm(device, 'surveillance', watched.last + this.#limit(watched));
  }

  #limit({ institution }: Watched): number {
    return this.#host.params(institution).device * 1000;
  }

  #deviceClaim(device: string, { institution, last, silentSince }: Watched, spokeAt: number | null): Raise {
    const since = silentSince ?? last;
    return {
      ...claim(since, spokeAt),
      subject: { kind: 'device', ref: device },
      institution,
      facts: { source: 'device', device, ...gap(since, spokeAt) },
      evidence: [cameraEvidence(device)],
    };
  }

  #feedClaim(feed: Feed, since: number, spokeAt: number | null): Raise {
    return {
      ...claim(since, spokeAt),
      subject: { kind: 'feed', ref: `feed/${feed}` },
      institution: null,
      facts: { source: 'feed', feed, ...gap(since, spokeAt) },
      evidence: [],
    };
  }
}

/** One alert a source and local day on which the silence began. */
function claim(since: number, spokeAt: number | null) {
  return {
    anchor: localDate(localDay(since)),
    window: { start: since, end: spokeAt ?? since },
    eventTime: since,
    amount: null,
    reason: spokeAt === null ? 'nothing was received' : 'it speaks again',
  };
}

function gap(since: number, spokeAt: number | null): Record<string, unknown> {
  return {
    silent_since: isoShanghai(since),
    ...(spokeAt === null ? {} : { spoke_at: isoShanghai(spokeAt), gap_seconds: Math.round((spokeAt - since) / 1000) }),
  };
}
