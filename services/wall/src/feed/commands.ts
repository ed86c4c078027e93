// The wire of operators' commands: into alerting's lane, and outcomes back from the reply topic.
import { commandReply, type TopicNames } from '@yunjian/contracts';
import { type KafkaSettings, type LogProducer, type Tail, tail } from '@yunjian/kafka';
import type { CommandDesk, CommandPort } from '../commands.ts';

export function commandPort(producer: LogProducer, names: TopicNames): CommandPort {
  return {
    async send(command) {
      await producer.send(names.laneAlert, [{ key: command.alert_id, value: JSON.stringify(command), partition: 0 }]);
    },
  };
}

export function followReplies(
  settings: KafkaSettings,
  names: TopicNames,
  desk: CommandDesk,
  onFatal: (error: Error) => void,
): Promise<Tail> {
  return tail(settings, {
    topics: [names.commandReply],
    from: 'latest',
    onFatal,
    onBatch({ records }) {
      for (const { value } of records)
        if (value !== null) desk.reply(commandReply.parse(JSON.parse(value.toString('utf8'))));
    },
  });
}
