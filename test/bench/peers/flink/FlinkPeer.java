// "A settlement without a passed identity check" as a user of Flink would write it: a keyed process function, heap state, an event-time timer
// at each settlement's deadline, a checkpoint every 2 s, alerts at least once.
// Usage: FlinkPeer <brokers> <topic> <topic for alerts> <checkpoint directory> <records>
// Prints {"records","seconds","cpuSeconds","alerts"} of all but the first tenth.

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.serialization.AbstractDeserializationSchema;
import org.apache.flink.api.common.serialization.SimpleStringSchema;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

public class FlinkPeer {
  static final ObjectMapper JSON = new ObjectMapper();
  static final long BEFORE_MS = 600_000, AFTER_MS = 120_000;
  static final AtomicLong seen = new AtomicLong(), alerts = new AtomicLong();
  static final CountDownLatch done = new CountDownLatch(1);
  static long total;
  static volatile long from, fromCpu, to, toCpu;

  public static class Event {
    public String institution, person, id;
    public boolean settlement;
    public long at;

    public Event() {}
  }

  public static void main(String[] args) throws Exception {
    total = Long.parseLong(args[4]);
    Configuration settings = new Configuration();
    // A failure must be seen, not tried again for ever.
    settings.set(RestartStrategyOptions.RESTART_STRATEGY, "none");
    settings.set(CheckpointingOptions.CHECKPOINT_STORAGE, "filesystem");
    settings.set(CheckpointingOptions.CHECKPOINTS_DIRECTORY, "file://" + args[3]);
    StreamExecutionEnvironment environment = StreamExecutionEnvironment.createLocalEnvironment(1, settings);
    environment.enableCheckpointing(2_000);
    environment.getConfig().enableObjectReuse();
    KafkaSource<Event> source = KafkaSource.<Event>builder()
        .setBootstrapServers(args[0])
        .setTopics(args[1])
        .setGroupId("peer-" + ProcessHandle.current().pid())
        .setStartingOffsets(OffsetsInitializer.earliest())
        .setValueOnlyDeserializer(new AbstractDeserializationSchema<>(Event.class) {
          @Override
          public Event deserialize(byte[] bytes) throws IOException {
            return eventOf(JSON.readTree(bytes));
          }
        })
        .build();
    KafkaSink<String> sink = KafkaSink.<String>builder()
        .setBootstrapServers(args[0])
        .setDeliveryGuarantee(DeliveryGuarantee.AT_LEAST_ONCE)
        .setRecordSerializer(KafkaRecordSerializationSchema.builder()
            .setTopic(args[2])
            .setValueSerializationSchema(new SimpleStringSchema())
            .build())
        .build();
    environment
        .fromSource(source, WatermarkStrategy.<Event>forBoundedOutOfOrderness(Duration.ofMinutes(1))
            .withTimestampAssigner((event, recordTime) -> event.at), "events")
        .keyBy(event -> event.institution + "|" + event.person)
        .process(new Uncovered())
        .sinkTo(sink);
    environment.executeAsync("peer").getJobExecutionResult().exceptionally(error -> {
      error.printStackTrace();
      System.exit(1);
      return null;
    });
    done.await();
    System.out.printf("{\"records\":%d,\"seconds\":%.3f,\"cpuSeconds\":%.3f,\"alerts\":%d}%n", total - total / 10,
        (to - from) / 1e9, (toCpu - fromCpu) / 1e9, alerts.get());
    System.exit(0);
  }

  static Event eventOf(JsonNode json) {
    Event event = new Event();
    event.institution = json.get("fixmedins_code").asText();
    event.person = json.get("psn_no").asText();
    event.id = json.get("event_id").asText();
    event.settlement = "settlement".equals(json.get("event_type").asText());
    event.at = Instant.parse(json.get("event_time").asText()).toEpochMilli();
    return event;
  }

  static class Uncovered extends KeyedProcessFunction<String, Event, String> {
    transient ListState<Long> checks;
    transient MapState<Long, String> waiting;

    @Override
    public void open(OpenContext context) {
      checks = getRuntimeContext().getListState(new ListStateDescriptor<>("checks", Types.LONG));
      waiting = getRuntimeContext().getMapState(new MapStateDescriptor<>("waiting", Types.LONG, Types.STRING));
    }

    @Override
    public void processElement(Event event, Context context, Collector<String> out) throws Exception {
      if (event.settlement) {
        waiting.put(event.at, event.id);
        context.timerService().registerEventTimeTimer(event.at + AFTER_MS);
      } else {
        checks.add(event.at);
        context.timerService().registerEventTimeTimer(event.at + BEFORE_MS + AFTER_MS);
      }
      count();
    }

    @Override
    public void onTimer(long now, OnTimerContext context, Collector<String> out) throws Exception {
      String settlement = waiting.get(now - AFTER_MS);
      if (settlement != null) {
        waiting.remove(now - AFTER_MS);
        boolean covered = false;
        for (long check : checks.get()) covered |= check >= now - BEFORE_MS - AFTER_MS && check <= now;
        if (!covered) {
          alerts.incrementAndGet();
          out.collect(settlement);
        }
      }
      List<Long> kept = new ArrayList<>();
      boolean some = false;
      for (long check : checks.get()) {
        if (check + BEFORE_MS + AFTER_MS > now) kept.add(check);
        else some = true;
      }
      if (some) checks.update(kept);
    }

    /** Time and CPU from the end of the first tenth to the last record. */
    static void count() {
      long n = seen.incrementAndGet();
      if (n == total / 10) {
        from = System.nanoTime();
        fromCpu = cpu();
      }
      if (n == total) {
        to = System.nanoTime();
        toCpu = cpu();
        done.countDown();
      }
    }

    static long cpu() {
      return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
          .getProcessCpuTime();
    }
  }
}
