// Every event goes to a syslog server, in the order of the chain. How far they went is stored after they left: who is
// killed in between sends some twice, and none is left out.
import type { Syslog } from '../outside/syslog.ts';
import { moveCursor, readCursor } from '../store/audit-cursors.ts';
import { readSettledEvents } from '../store/audit-pages.ts';
import type { Store } from '../store/database.ts';
import { eventJson } from './export.ts';

const PAGE = 500;
const REFUSED = /\.(refused|denied|sign_in_refused|month_dropped)$/;

interface Deps {
  readonly store: Store;
  readonly syslog: Pick<Syslog, 'send'>;
  /** Whose place is kept: another server begins at the beginning. */
  readonly name: string;
}

/** Answers with how many were sent. */
export async function forwardEvents(
  { store, syslog, name }: Deps,
  isStopping: () => boolean,
): Promise<number> {
  let place = await readCursor(store, name);
  for (let sent = 0; ; ) {
    const rows = await readSettledEvents(store, place, PAGE);
    const last = rows.at(-1);
    if (last === undefined) return sent;
    await syslog.send(
      rows.map((row) => ({
        ...{ at: row.recordedAt, severity: REFUSED.test(row.type) ? 4 : 6, type: row.type },
        text: JSON.stringify(eventJson(row)),
      })),
    );
    await moveCursor(store, name, last);
    place = last;
    sent += rows.length;
    if (rows.length < PAGE || isStopping()) return sent;
  }
}
