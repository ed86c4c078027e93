// Import direction, as docs/architecture.md draws it. A rule's name says what is wrong; its comment says what to do.

const NOT_A_TEST = '[.]test[.]tsx?$';
/** What runs the cores of services in one process, without broker or database. */
const IN_MEMORY = '^infra/memory-chain/';

/** Package → the workspace packages that it may import. */
const MAY_IMPORT = {
  contracts: [],
  detection: ['contracts'],
  detectors: ['contracts', 'detection'],
  alerting: ['contracts'],
  processor: ['contracts', 'detection'],
  kafka: ['contracts', 'processor'],
  clickhouse: ['contracts', 'processor'],
  service: ['contracts'],
};

const direction = Object.entries(MAY_IMPORT).map(([name, allowed]) => ({
  name: `${name}-imports-too-much`,
  comment: `packages/${name} may import ${allowed.join(', ') || 'no other package'}: move the code, or take a port.`,
  severity: 'error',
  from: { path: `^packages/${name}/src`, pathNot: NOT_A_TEST },
  to: { path: '^(packages|services|infra|test)/', pathNot: `^packages/(${[name, ...allowed].join('|')})/` },
}));

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    ...direction,
    {
      name: 'service-imports-service',
      comment: 'Services meet in topics and databases only; what two of them share belongs in a package.',
      severity: 'error',
      from: { path: '^services/([^/]+)/' },
      to: { path: '^(services/(?!$1/)|infra/|test/)' },
    },
    {
      name: 'infra-imports-service',
      comment: 'infra starts services as processes.',
      severity: 'error',
      from: { path: '^infra/', pathNot: [NOT_A_TEST, IN_MEMORY] },
      to: { path: '^(services|test)/' },
    },
    {
      name: 'memory-imports-more-than-cores',
      comment: 'The chain in memory composes what services export of their pure cores.',
      severity: 'error',
      from: { path: IN_MEMORY, pathNot: NOT_A_TEST },
      to: { path: '^(services|test)/', pathNot: '^services/(ingest|ledger)/src/index[.]ts$' },
    },
    {
      name: 'past-the-entry',
      comment:
        'Import a package by its name; what others need is exported from its src/index.ts, or another entry of its exports map.',
      severity: 'error',
      from: { path: '^(packages|services)/([^/]+)/' },
      to: {
        path: '^packages/',
        pathNot: ['^packages/$2/', '^packages/[^/]+/src/index[.]ts$', '^packages/detectors/src/quarterly[.]ts$'],
      },
    },
    {
      name: 'kafkajs-outside-packages-kafka',
      comment: 'packages/kafka knows what kafkajs gets wrong. A benchmark measures it bare, a test sends as others do.',
      severity: 'error',
      from: { pathNot: ['^packages/kafka/', '^test/(bench/bare|ingest/compressing)[.]process[.]ts$'] },
      to: { path: '(^|node_modules/)kafkajs(/|$)' },
    },
    {
      name: 'clickhouse-client-outside-packages-clickhouse',
      comment: 'packages/clickhouse knows what to retry and what to refuse.',
      severity: 'error',
      from: { pathNot: ['^packages/clickhouse/', '^test/stack/clickhouse-http[.]test[.]ts$'] },
      to: { path: '(^|node_modules/)@clickhouse/client' },
    },
    {
      name: 'pure-package-does-io',
      comment: 'detection, detectors and alerting are functions of their input: no file, socket, clock or environment.',
      severity: 'error',
      from: { path: '^packages/(detection|detectors|alerting)/src', pathNot: NOT_A_TEST },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'processor-does-io',
      comment: 'The processor reaches the world through its ports.',
      severity: 'error',
      from: { path: '^packages/processor/src', pathNot: NOT_A_TEST },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?(crypto|zlib|buffer|v8)$' },
    },
    {
      name: 'circular',
      comment: 'Two files that need each other are one file, or have a third one between them.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'unresolvable',
      comment: 'The file or package is not there.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    parser: 'swc',
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|coverage)/' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'types', 'default'] },
  },
};
