// An OTLP/HTTP collector (OTLP 1.3, JSON) on loopback: keeps the spans that it is sent, or answers nothing at all.
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { until } from './until.ts';

interface Value {
  readonly stringValue?: string;
  readonly intValue?: number | string;
}

interface WireSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly { readonly key: string; readonly value: Value }[];
  readonly status: { readonly code?: number };
}

export interface Span extends Omit<WireSpan, 'attributes'> {
  readonly attributes: Readonly<Record<string, string | number>>;
}

interface Wire {
  readonly resourceSpans: readonly {
    readonly scopeSpans: readonly { readonly spans: readonly WireSpan[] }[];
  }[];
}

export interface Collector {
  readonly url: string;
  readonly spans: Span[];
  /** Everything that it was sent, as it came. */
  readonly bodies: string[];
  /** Requests that it took and did not answer. */
  readonly held: ServerResponse[];
  isSilent: boolean;
  /** The first span that matches, as soon as it is there. */
  hears(matches: (span: Span) => boolean): Promise<Span>;
  stop(): Promise<void>;
}

export async function createCollector(): Promise<Collector> {
  const server = createServer(async (request, response) => {
    // Who is not answered may go away before all has arrived.
    if (collector.isSilent) return collector.held.push(response) && request.resume();
    const body = (await request.setEncoding('utf8').toArray()).join('');
    if (request.url !== '/v1/traces') return response.writeHead(404).end();
    collector.bodies.push(body);
    const { resourceSpans } = JSON.parse(body) as Wire;
    for (const { scopeSpans } of resourceSpans) {
      for (const { spans } of scopeSpans) collector.spans.push(...spans.map(readable));
    }
    return response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const collector: Collector = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ...{ spans: [], bodies: [], held: [], isSilent: false },
    hears: async (matches) => {
      const missing = () => `no such span came: ${collector.spans.map(({ name }) => name).join(', ')}`;
      return until(() => collector.spans.find(matches), missing);
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return collector;
}

const readable = ({ attributes, ...span }: WireSpan): Span => ({
  ...span,
  attributes: Object.fromEntries(
    attributes.map(({ key, value }) => [key, value.stringValue ?? Number(value.intValue)]),
  ),
});
