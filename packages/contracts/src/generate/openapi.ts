// OpenAPI 3.1 of the HTTP endpoints: the door of ingest and the wall.

import { DETECTOR_IDS } from '../alert.ts';
import { ingestAnswer, problem } from '../ingest.ts';
import { boxLife, personHistory } from '../lives.ts';
import { RAW_SCHEMAS, type RawEventType } from '../raw/index.ts';
import { reviewAnswer } from '../review.ts';
import { ALERT_STATES, wallAction, wallActionDone, wallAlert, wallAlertPage } from '../wall.ts';
import { jsonSchema, rawFile } from './schemas.ts';

/** What only a made settlement has may be left out. */
const aboutToBeMade = RAW_SCHEMAS.settlement
  .partial({ setl_id: true, event_id: true, event_type: true, event_time: true, source: true })
  .meta({
    description: `As ${rawFile('settlement')}; setl_id, event_id, event_type, event_time and source may be left out.`,
  });

const json = (schema: object) => ({ content: { 'application/json': { schema } } });
const answer = (description: string, schema: object) => ({ description, ...json(schema) });
const refusal = (description: string, headers?: object) => ({
  description,
  ...(headers === undefined ? {} : { headers }),
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
});
const RETRY_AFTER = { 'Retry-After': { description: 'Seconds to wait.', schema: { type: 'integer' } } };
const parameter = (name: string, place: 'query' | 'path' | 'header', description: string, schema: object) => ({
  name,
  in: place,
  description,
  required: place === 'path',
  schema,
});

const PAGE = [
  parameter('limit', 'query', 'Entries of one page.', { type: 'integer', minimum: 1, maximum: 500, default: 100 }),
  parameter('cursor', 'query', '`next_cursor` of the page before.', { type: 'string' }),
];

function health(): Record<string, object> {
  const state = { type: 'object', properties: { status: { type: 'string' } } };
  return {
    '/livez': {
      get: { summary: 'Whether the process lives', security: [], responses: { 200: answer('It does.', state) } },
    },
    '/readyz': {
      get: {
        summary: 'Whether the service can work',
        security: [],
        responses: { 200: answer('It can.', state), 503: answer('It cannot; `reasons` says why.', state) },
      },
    },
    '/metrics': {
      get: {
        summary: 'Metrics in the text format of Prometheus',
        security: [],
        responses: { 200: { description: 'Metrics.', content: { 'text/plain': { schema: { type: 'string' } } } } },
      },
    },
  };
}

function frame(title: string, description: string, port: number, paths: object): object {
  return {
    openapi: '3.1.0',
    info: { title, version: '1.0.0', description, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    servers: [{ url: `http://127.0.0.1:${port}` }],
    security: [{ bearer: [] }],
    paths: { ...paths, ...health() },
    components: {
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } },
      schemas: { Problem: jsonSchema(problem, 'output') },
    },
  };
}

export function ingestOpenapi(): object {
  const event = { oneOf: Object.keys(RAW_SCHEMAS).map((type) => ({ $ref: `./${rawFile(type as RawEventType)}` })) };
  return frame(
    'Yunjian ingest',
    'The HTTP door: raw events in, acknowledged once they are safe, and settlements reviewed before they are made.',
    8081,
    {
      '/v1/events': {
        post: {
          summary: 'Send events',
          description:
            'An invalid event never stops the valid ones beside it. A repeat is accepted and counts once. Whatever is refused is kept for 72 h. Content-Encoding gzip is taken.',
          requestBody: {
            required: true,
            content: {
              'application/x-ndjson': { schema: { type: 'string', description: 'One event a line.' } },
              'application/json': { schema: { type: 'array', items: event } },
            },
          },
          responses: {
            202: answer(
              'Every accepted event is acknowledged by the broker; the others are told with their place in the request.',
              jsonSchema(ingestAnswer, 'output'),
            ),
            400: refusal('A Content-Encoding that is broken.'),
            401: refusal('No valid API key.'),
            403: refusal("An institution outside the key's scope; nothing of the request was accepted."),
            413: refusal('A body over 16 MiB.'),
            415: refusal('Another Content-Type or Content-Encoding.'),
            429: refusal('Too much is under way.', RETRY_AFTER),
            503: refusal(
              'Kafka is unreachable; what was sent may still be written, a repeat is harmless.',
              RETRY_AFTER,
            ),
          },
        },
      },
      '/v1/review': {
        post: {
          summary: 'Ask what a settlement about to be made would breach',
          description:
            'The settlement is judged by the rules of the ledger as if it had been made, and kept nowhere. A sale is never blocked: whatever cannot be reviewed in time is told as `degraded` with its reasons, with status 200. `vola_evid` names documents of institutions that the key covers, `elsewhere` counts the others.',
          requestBody: { required: true, ...json(jsonSchema(aboutToBeMade, 'input')) },
          responses: {
            200: answer('Breaches (违规) and warnings (警告), gravest first.', jsonSchema(reviewAnswer, 'output')),
            400: refusal('No JSON object.'),
            401: refusal('No valid API key.'),
            403: refusal("An institution outside the key's scope."),
            413: refusal('More than 64 KiB.'),
            415: refusal('Another Content-Type or Content-Encoding.'),
            422: refusal('A settlement that is not valid; `issues` names each field.'),
          },
        },
      },
    },
  );
}

export function wallOpenapi(): object {
  const id = parameter('id', 'path', 'alert_id', { type: 'string' });
  const text = { type: 'string' };
  return frame(
    'Yunjian wall',
    'Alerts, their history and what operators do with them. Live over the WebSocket /wall.',
    8080,
    {
      '/api/alerts': {
        get: {
          summary: 'Alerts, newest version first',
          parameters: [
            parameter('detector', 'query', 'Repeatable.', { type: 'string', enum: [...DETECTOR_IDS] }),
            parameter('fixmedins_code', 'query', 'Repeatable.', text),
            parameter('state', 'query', 'Repeatable; without it all of them.', {
              type: 'string',
              enum: [...ALERT_STATES],
            }),
            ...PAGE,
          ],
          responses: {
            200: answer('One page.', jsonSchema(wallAlertPage, 'output')),
            400: refusal('A query that is not valid.'),
            401: refusal('No valid token.'),
          },
        },
      },
      '/api/alerts/{id}': {
        get: {
          summary: 'One alert with its history',
          parameters: [id],
          responses: {
            200: answer('The alert.', jsonSchema(wallAlert, 'output')),
            401: refusal('No valid token.'),
            404: refusal('No alert has this id.'),
          },
        },
      },
      '/api/alerts/{id}/actions': {
        post: {
          summary: 'Act on an alert',
          description: 'The same `idem` again gets the same outcome and changes nothing.',
          parameters: [id],
          requestBody: { required: true, ...json(jsonSchema(wallAction, 'input')) },
          responses: {
            200: answer('Done; the alert as it now stands.', jsonSchema(wallActionDone, 'output')),
            400: refusal('A body that is not valid.'),
            401: refusal('No valid token.'),
            403: refusal('Refused by the rules of the alert; `detail` says why.'),
            404: refusal('No alert has this id.'),
            409: refusal('The version has moved on; `alert` is the alert as it now stands.'),
            503: refusal('No answer within 5 s; whether it was done is unknown, repeat it under the same `idem`.'),
          },
        },
      },
      '/api/trace/{code}': {
        get: {
          summary: 'A box from purchase to sale',
          description:
            'By its traceability code, oldest first. A sale that came in the settlement and as an upload is one event; what was reversed or returned says by what.',
          parameters: [parameter('code', 'path', 'drug_trac_codg', text), ...PAGE],
          responses: {
            200: answer('One page.', jsonSchema(boxLife, 'output')),
            400: refusal('A query that is not valid.'),
            401: refusal('No valid token.'),
            404: refusal('Nothing is known of this code.'),
            503: refusal('The archive does not answer.', RETRY_AFTER),
          },
        },
      },
      '/api/persons/{pseudonym}/history': {
        get: {
          summary: 'A person’s settlements, reversals and status, newest first',
          description:
            'Sensitive: a reason must be given, and operator, time, pseudonym and reason are recorded before anything is shown.',
          parameters: [
            parameter('pseudonym', 'path', 'As alerts show it, 22 characters.', text),
            parameter('X-Reason', 'header', 'Why it is needed, percent-encoded UTF-8, 1 to 500 characters.', text),
            parameter('reason', 'query', 'The same, where no header can be sent.', text),
            ...PAGE,
          ],
          responses: {
            200: answer('One page.', jsonSchema(personHistory, 'output')),
            400: refusal('No reason, or a query that is not valid.'),
            401: refusal('No valid token.'),
            404: refusal('Nothing is known of this person.'),
            503: refusal('The archive does not answer.', RETRY_AFTER),
          },
        },
      },
      '/api/bulletins': {
        get: {
          summary: 'Quarterly bulletins as issued, every revision, the latest first',
          responses: {
            200: answer('`bulletins`: year, quarter, revision, issued_at, institutions, ahead.', { type: 'object' }),
            401: refusal('No valid token.'),
            503: refusal('The archive does not answer.', RETRY_AFTER),
          },
        },
      },
      '/api/bulletins/{quarter}': {
        get: {
          summary: 'A bulletin as a file',
          parameters: [
            parameter('quarter', 'path', 'Such as 2026Q3.', text),
            parameter('format', 'query', 'html (a page to print, default), csv or xlsx.', text),
            parameter('revision', 'query', 'Default: the last.', text),
          ],
          responses: {
            200: { description: 'The file.' },
            400: refusal('A quarter or a query that is not valid.'),
            401: refusal('No valid token.'),
            404: refusal('No such bulletin was issued.'),
            503: refusal('The archive does not answer.', RETRY_AFTER),
          },
        },
      },
      '/api/kpis': {
        get: {
          summary: 'Figures of the control room',
          responses: { 200: answer('Figures.', { type: 'object' }), 401: refusal('No valid token.') },
        },
      },
      '/wall': {
        get: {
          summary: 'WebSocket, subprotocol wall.v1',
          description: 'Frames: wall-client.json and wall-server.json. The first message is `hello` with the token.',
          security: [],
          responses: { 101: { description: 'Switching protocols.' }, 403: refusal('A foreign Origin.') },
        },
      },
    },
  );
}
