// "A settlement without a passed identity check" as a user of Kafka Streams would write it: a left join of settlements with checks, 10 minutes
// before to 2 minutes after, a minute of grace, window stores in RocksDB.
// Usage: StreamsPeer <brokers> <topic> <topic for alerts> <state directory> <records> <exactly_once_v2|at_least_once>
// Prints {"records","seconds","cpuSeconds","alerts"} of all but the first tenth.

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.JoinWindows;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.StreamJoined;

public class StreamsPeer {
  static final ObjectMapper JSON = new ObjectMapper();

  public static void main(String[] args) throws Exception {
    long records = Long.parseLong(args[4]);
    Properties settings = new Properties();
    settings.put(StreamsConfig.APPLICATION_ID_CONFIG, "peer-" + ProcessHandle.current().pid());
    settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, args[0]);
    settings.put(StreamsConfig.STATE_DIR_CONFIG, args[3]);
    settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, args[5]);
    settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, 1);
    settings.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, 1);
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");

    Measured measured = new Measured(records);
    AtomicLong alerts = new AtomicLong();
    Serde<JsonNode> json = Serdes.serdeFrom((topic, node) -> written(node), (topic, bytes) -> read(bytes));
    StreamsBuilder builder = new StreamsBuilder();
    KStream<String, JsonNode> events = builder.stream(args[1], Consumed.with(Serdes.String(), json))
        .peek((key, event) -> measured.one());
    KStream<String, JsonNode> settlements = events.filter((key, event) -> is(event, "event_type", "settlement"));
    KStream<String, JsonNode> checks = events.filter(
        (key, event) -> is(event, "event_type", "identity_check") && is(event, "result", "passed"));
    JoinWindows window = JoinWindows.ofTimeDifferenceAndGrace(Duration.ZERO, Duration.ofMinutes(1))
        .before(Duration.ofMinutes(10))
        .after(Duration.ofMinutes(2));
    settlements
        .leftJoin(checks, (settlement, check) -> check == null ? settlement : null, window,
            StreamJoined.with(Serdes.String(), json, json))
        .filter((key, settlement) -> settlement != null)
        .peek((key, settlement) -> alerts.incrementAndGet())
        .to(args[2], Produced.with(Serdes.String(), json));

    KafkaStreams streams = new KafkaStreams(builder.build(), settings);
    streams.start();
    String result = measured.result(alerts);
    streams.close(Duration.ofSeconds(10));
    System.out.println(result);
    System.exit(0);
  }

  static boolean is(JsonNode event, String field, String value) {
    return value.equals(event.path(field).asText());
  }

  static JsonNode read(byte[] bytes) {
    try {
      return bytes == null ? null : JSON.readTree(bytes);
    } catch (IOException error) {
      throw new UncheckedIOException(error);
    }
  }

  static byte[] written(JsonNode node) {
    try {
      return node == null ? null : JSON.writeValueAsBytes(node);
    } catch (IOException error) {
      throw new UncheckedIOException(error);
    }
  }

  /** Time and CPU from the end of the first tenth to the last record. */
  static class Measured {
    final long total;
    final AtomicLong seen = new AtomicLong();
    final CountDownLatch done = new CountDownLatch(1);
    volatile long from, fromCpu, to, toCpu;

    Measured(long total) {
      this.total = total;
    }

    void one() {
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

    String result(AtomicLong alerts) throws InterruptedException {
      done.await();
      return String.format("{\"records\":%d,\"seconds\":%.3f,\"cpuSeconds\":%.3f,\"alerts\":%d}", total - total / 10,
          (to - from) / 1e9, (toCpu - fromCpu) / 1e9, alerts.get());
    }

    static long cpu() {
      return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
          .getProcessCpuTime();
    }
  }
}
