// What is answered on node:http, without koa.
import type { ServerResponse } from 'node:http';

export interface Reply {
  readonly status: number;
  readonly type: string;
  readonly body: string | Buffer;
  /** Names and values of further header fields, one after the other. */
  readonly headers: readonly string[];
  /** In a word, for the metrics. */
  readonly outcome?: string;
}

export const JSON_TYPE = 'application/json; charset=utf-8';

export const json = (status: number, body: object): Reply => ({
  status,
  type: JSON_TYPE,
  body: JSON.stringify(body),
  headers: [],
});

/** RFC 7662 §4: what is true now only is kept nowhere. */
export function send(
  response: ServerResponse,
  { status, type, body, headers }: Reply,
  requestId: string,
): void {
  const fields = ['X-Request-Id', requestId, 'Cache-Control', 'no-store', 'Pragma', 'no-cache'];
  fields.push('Content-Type', type, 'Content-Length', String(Buffer.byteLength(body)), ...headers);
  response.writeHead(status, fields);
  response.end(body);
}
