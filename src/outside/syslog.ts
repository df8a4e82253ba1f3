// Syslog (RFC 5424) over TLS (RFC 5425), TCP with counted frames (RFC 6587 §3.4.1) or UDP (RFC 5426).
import { createSocket } from 'node:dgram';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

export interface SyslogMessage {
  readonly at: Date;
  /** 4 warning, 6 informational (RFC 5424 §6.2.1). */
  readonly severity: 4 | 6;
  readonly type: string;
  readonly text: string;
}

export interface Syslog {
  /** Settles when all of them left this machine; rejects when that is not known. */
  send(messages: readonly SyslogMessage[]): Promise<void>;
  close(): void;
}

/** "log audit" (RFC 5424 §6.2.1). */
const FACILITY = 13;
const PATIENCE_MS = 10_000;

/** RFC 5424 §6: no structured data; the message is JSON, and so one line. */
export function syslogLine(host: string, { at, severity, type, text }: SyslogMessage): string {
  const name = (value: string, most: number) => value.replace(/[^\x21-\x7e]/g, '').slice(0, most) || '-';
  const header = `<${FACILITY * 8 + severity}>1 ${at.toISOString()} ${name(host, 255)} postern - ${name(type, 32)} -`;
  return `${header} ${text}`;
}

export function createSyslog(url: string, host: string): Syslog {
  const { protocol, hostname, port } = new URL(url);
  const to = { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) };
  return protocol === 'udp:' ? overUdp(to, host) : overTcp(protocol === 'tls:', to, host);
}

interface Address {
  readonly host: string;
  readonly port: number;
}

function overUdp({ host: name, port }: Address, host: string): Syslog {
  const socket = createSocket(name.includes(':') ? 'udp6' : 'udp4').unref();
  socket.on('error', () => undefined);
  const sendOne = (message: SyslogMessage) =>
    new Promise<void>((resolve, reject) =>
      socket.send(syslogLine(host, message), port, name, (error) => (error ? reject(error) : resolve())),
    );
  return {
    send: async (messages) => {
      for (const message of messages) await sendOne(message);
    },
    close: () => socket.close(),
  };
}

function overTcp(isTls: boolean, to: Address, host: string): Syslog {
  let socket: Socket | undefined;
  const open = () =>
    new Promise<Socket>((resolve, reject) => {
      const made = isTls ? connectTls({ ...to, servername: to.host }) : connectTcp(to);
      made.setTimeout(PATIENCE_MS, () => made.destroy(new Error('the syslog server does not answer')));
      made.once(isTls ? 'secureConnect' : 'connect', () => resolve(made.setTimeout(0)));
      made.on('error', reject);
      made.on('close', () => {
        if (socket === made) socket = undefined;
        reject(new Error('the syslog server closed the connection'));
      });
      // It has nothing to say; what it sends must not fill memory.
      made.resume().unref();
    });
  return {
    send: async (messages) => {
      socket ??= await open();
      await written(socket, messages.map((message) => framed(syslogLine(host, message))).join(''));
    },
    close: () => void socket?.destroy(),
  };
}

/** RFC 6587 §3.4.1: octets are counted. */
const framed = (line: string): string => `${Buffer.byteLength(line)} ${line}`;

function written(socket: Socket, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => socket.destroy(new Error('the syslog server takes nothing')), PATIENCE_MS);
    const failed = (error?: Error) => {
      clearTimeout(late);
      reject(error ?? new Error('the connection to the syslog server is gone'));
    };
    socket.once('close', failed);
    socket.write(text, (error) => {
      socket.off('close', failed);
      clearTimeout(late);
      if (error) reject(error);
      else resolve();
    });
  });
}
