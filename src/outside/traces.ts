// One span for each request, to the operator's collector (OTLP over HTTP). It knows the route and the request id, and
// nobody's id, token or URL. A collector that is slow or gone costs spans, never time.
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { type Context, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  ParentBasedSampler,
  type SpanExporter,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-base';

export interface TraceSettings {
  readonly collectorUrl: string;
  /** Of the requests that no caller has decided about. */
  readonly percent: number;
}

/** As web/observer tells it. */
interface Answered {
  readonly request: { readonly method?: string; readonly headers: Readonly<Record<string, unknown>> };
  readonly requestId: string | undefined;
  readonly route: string;
  readonly status: number;
  readonly ms: number;
  readonly outcome: string | undefined;
}

interface TraceLog {
  info(text: string): void;
  warn(text: string): void;
}

export interface Traces {
  answered(request: Answered): void;
  /** What waits is sent within a second, or dropped. */
  close(): Promise<void>;
}

const ANSWER_MS = 1_000;
const CLOSE_MS = 900;
const QUEUE = { maxQueueSize: 4_096, maxExportBatchSize: 512, scheduledDelayMillis: 1_000 } as const;

export function startTraces({ collectorUrl, percent }: TraceSettings, log: TraceLog): Traces {
  const connections = { keepAlive: true, maxSockets: 2, timeout: ANSWER_MS };
  const agent = collectorUrl.startsWith('https:') ? new HttpsAgent(connections) : new HttpAgent(connections);
  const exporter = new OTLPTraceExporter({
    url: `${collectorUrl.replace(/\/+$/, '')}/v1/traces`,
    timeoutMillis: ANSWER_MS,
    concurrencyLimit: 16,
    httpAgentOptions: () => agent,
  });
  const sampler = new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(percent / 100) });
  const processor = new BatchSpanProcessor(told(exporter, log), {
    ...QUEUE,
    exportTimeoutMillis: 2 * ANSWER_MS,
  });
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'postern' }),
    sampler,
    spanProcessors: [processor],
  });
  const tracer = provider.getTracer('postern');

  return {
    answered: ({ request, requestId, route, status, ms, outcome }) => {
      const { method = '', headers } = request;
      const isKnown = route !== 'other';
      const end = performance.timeOrigin + performance.now();
      const attributes = {
        'http.request.method': method,
        'http.response.status_code': status,
        ...(isKnown && { 'http.route': route }),
        ...(requestId !== undefined && { 'postern.request_id': requestId }),
        ...(outcome !== undefined && { 'postern.outcome': outcome }),
      };
      const span = tracer.startSpan(
        isKnown ? `${method} ${route}` : method,
        { kind: SpanKind.SERVER, startTime: end - ms, attributes },
        callerOf(headers.traceparent),
      );
      if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
      span.end(end);
    },
    close: async () => {
      let late: NodeJS.Timeout | undefined;
      const patience = new Promise<void>((resolve) => {
        late = setTimeout(resolve, CLOSE_MS);
      });
      await Promise.race([provider.shutdown().catch(() => undefined), patience]);
      clearTimeout(late);
      agent.destroy();
    },
  };
}

/** W3C Trace Context §3.2: the trace of the caller. What it adds in `tracestate` could be anything, and is left. */
function callerOf(traceparent: unknown): Context {
  const form = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?$/;
  const [, traceId, spanId, flags] = (typeof traceparent === 'string' && form.exec(traceparent)) || [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return ROOT_CONTEXT;
  const traceFlags = Number.parseInt(flags, 16) & 1;
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags, isRemote: true });
}

/** The operator hears once that the collector does not answer, and once that it does again. */
function told(exporter: OTLPTraceExporter, log: TraceLog): SpanExporter {
  let works = true;
  return {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        const worked = result.code === 0;
        if (works && !worked) log.warn('traces do not reach their collector: they are dropped');
        if (!works && worked) log.info('traces reach their collector again');
        works = worked;
        done(result);
      }),
    shutdown: () => exporter.shutdown(),
  };
}
