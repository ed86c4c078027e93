// lane.alert under load, and the alert log held against what one undisturbed decider would have written.
import { createAlerting } from '@yunjian/alerting';
import {
  type AlertRecord,
  type Command,
  type CommandReply,
  type Finding,
  isoShanghai,
  laneAlertRecord,
  type TopicNames,
} from '@yunjian/contracts';
import { type KafkaSettings, type LogProducer, readRange, watermarks } from '@yunjian/kafka';

export function finding(id: string, offset: number, n: number, action: Finding['action'] = 'raise'): Finding {
  const at = isoShanghai(Date.parse('2026-11-23T12:00:00+08:00'));
  return {
    type: 'finding',
    cause: { processor: 'detector', lane: 'institution', partition: 0, offset, index: 0 },
    action,
    alert_id: id,
    detector: 'large-amount',
    rule_version: 'r1',
    level: 3,
    fixmedins_code: 'P32110200001',
    grid: ['镇江市', '京口区'],
    subject: { kind: 'settlement', ref: id },
    window: { start: at, end: at },
    event_time: at,
    amount: '520.00',
    title: { zh: '大额结算', en: 'Large settlement' },
    facts: { n, 药品: ['阿莫西林'] },
    evidence: [{ kind: 'settlement', ref: id }],
    reason: 'above the limit',
  };
}

export function ack(id: string, version: number, idem: string): Command {
  return { type: 'command', idem, alert_id: id, if_version: version, action: 'ack', by: '王芳', reason: '已派人核查' };
}

/** Writes findings that raise, amend and withdraw, and commands in between, until told to stop. Resolves to the idems given. */
export function load(
  names: TopicNames,
  producer: LogProducer,
  perSecond: number,
): { stop(): Promise<{ idems: string[] }> } {
  let running = true;
  const idems: string[] = [];
  const written = (async () => {
    for (let i = 0; running; ) {
      const batch = Array.from({ length: Math.ceil(perSecond / 20) }, () => {
        const n = i++;
        const id = `a${n % 97}`;
        if (n % 7 === 3) idems.push(`i${n}`);
        return n % 7 === 3
          ? ack(id, 1 + Math.floor(n / 300), `i${n}`)
          : finding(id, n, n % 5, n % 11 === 0 ? 'withdraw' : 'raise');
      });
      await producer.send(
        names.laneAlert,
        batch.map((record) => ({ value: JSON.stringify(record), partition: 0 })),
      );
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return { idems };
  })();
  written.catch(() => {});
  return {
    stop: () => {
      running = false;
      return written;
    },
  };
}

export async function readAll(
  settings: KafkaSettings,
  topic: string,
): Promise<{ text: string; offset: number; timestamp: number }[]> {
  const records: { text: string; offset: number; timestamp: number }[] = [];
  const [mark] = await watermarks(settings, topic);
  await readRange(settings, topic, 0, mark?.low ?? 0, mark?.high ?? 0, ({ value, offset, timestamp }) =>
    records.push({ text: String(value), offset, timestamp }),
  );
  return records;
}

/** The alert log that the lane as it stands must lead to. */
export async function expectedLog(settings: KafkaSettings, names: TopicNames): Promise<string[]> {
  const alerting = createAlerting();
  return (await readAll(settings, names.laneAlert)).flatMap(({ text, ...position }) =>
    alerting.step(laneAlertRecord.parse(JSON.parse(text)), position).log.map((record) => JSON.stringify(record)),
  );
}

/** The log as it stands: the first record of each version in order, how many repeats there are, and which of them differ. */
export async function actualLog(
  settings: KafkaSettings,
  names: TopicNames,
): Promise<{ firsts: string[]; repeats: number; different: string[] }> {
  const seen = new Map<string, string>();
  const different: string[] = [];
  const records = await readAll(settings, names.alertLog);
  for (const { text } of records) {
    const { alert_id, version } = JSON.parse(text) as AlertRecord;
    const key = `${alert_id}/${version}`;
    const first = seen.get(key);
    if (first === undefined) seen.set(key, text);
    else if (first !== text) different.push(key);
  }
  return { firsts: [...seen.values()], repeats: records.length - seen.size, different };
}

export async function repliesByIdem(settings: KafkaSettings, names: TopicNames): Promise<Map<string, CommandReply[]>> {
  const replies = new Map<string, CommandReply[]>();
  for (const { text } of await readAll(settings, names.commandReply)) {
    const reply = JSON.parse(text) as CommandReply;
    replies.set(reply.idem, [...(replies.get(reply.idem) ?? []), reply]);
  }
  return replies;
}
