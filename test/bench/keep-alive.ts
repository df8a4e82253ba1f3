// One keep-alive connection that asks one thing after the other and tells when: raw, as the load is.
import { connect, type Socket } from 'node:net';
import { formPost } from './load.ts';

interface Answer {
  readonly status: number;
  readonly body: string;
}

export interface Heard extends Answer {
  /** Milliseconds of performance.now(). */
  readonly sentAt: number;
  readonly ms: number;
}

export interface Caller {
  /** One at a time. */
  post(head: string, body: string): Promise<Heard>;
  close(): void;
}

/** `host` is the one of the issuer, whatever the port. */
export const callerHead = (path: string, issuer: string, authorization: string): string =>
  formPost(path, new URL(issuer).host, authorization);

export function createCaller(port: number): Caller {
  let socket: Socket | undefined;
  let heard = '';
  let waiting: { settle(answer: Answer | Error): void } | undefined;
  const settle = (answer: Answer | Error) => {
    const { settle: tell } = waiting ?? {};
    [heard, waiting] = ['', undefined];
    tell?.(answer);
  };
  const open = () => {
    const opened = connect({ port, host: '127.0.0.1', noDelay: true }).setEncoding('latin1');
    opened.on('data', (chunk: string) => {
      heard += chunk;
      const answer = wholeAnswer(heard);
      if (answer !== undefined) settle(answer);
    });
    opened.on('error', () => undefined);
    opened.on('close', () => {
      if (socket !== opened) return;
      socket = undefined;
      settle(new Error(`the server closed the connection after ${heard.length} bytes`));
    });
    return opened;
  };
  const send = (text: string) =>
    new Promise<Answer | Error>((resolve) => {
      waiting = { settle: resolve };
      socket ??= open();
      socket.write(text);
    });
  return {
    post: async (head, body) => {
      const text = `${head}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
      const sentAt = performance.now();
      let answer = await send(text);
      // A server closes what has been idle for a while, perhaps as the question is on its way.
      if (answer instanceof Error) answer = await send(text);
      if (answer instanceof Error) throw answer;
      return { ...answer, sentAt, ms: performance.now() - sentAt };
    },
    close: () => {
      const closed = socket;
      socket = undefined;
      closed?.destroy();
    },
  };
}

/** Undefined while there is more to come. */
function wholeAnswer(text: string): Answer | undefined {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const length = /\r\ncontent-length: (\d+)/i.exec(text.slice(0, end + 2))?.[1];
  const body = text.slice(end + 4);
  if (length === undefined) throw new Error(`an answer without a length: ${text.slice(0, 200)}`);
  return body.length < Number(length) ? undefined : { status: Number(text.slice(9, 12)), body };
}
