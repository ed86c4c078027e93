// What other parts of the product may use of ingest: the pure routing.
export { codeKey, type LaneOutput, layEvent, type RawRecord, type Routed, type RouteOptions, route } from './route.ts';
