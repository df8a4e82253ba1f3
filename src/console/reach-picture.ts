// What an app reaches, drawn from top to bottom: the app, its scopes, the FHIR servers, the patients. In a box of 260, so
// that its words can be read on the narrowest page.
export interface Node {
  readonly text: string;
  readonly count: string;
  /** Of the patients that are reached at all, from 0 to 1. */
  readonly share: number;
}

export interface Reached {
  readonly app: string;
  readonly scopes: readonly Node[];
  readonly servers: readonly Node[];
  readonly patients: string;
}

interface Box {
  readonly text: string;
  readonly count: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly look: 'app' | 'part' | 'patients';
}

export interface Reach {
  readonly label: string;
  readonly height: number;
  readonly boxes: readonly Box[];
  readonly lines: readonly { readonly d: string; readonly width: number }[];
}

const WIDTH = 260;
const INDENT = 20;
const BOX = 34;
const STEP = 40;
const GAP = 16;
const LETTER = 6.2;

/** As much of a text as fits; the table beside says all of it. */
const cut = (text: string, width: number) => {
  const most = Math.floor((width - 16) / LETTER);
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
};

const middle = (y: number) => y + BOX / 2;
const thickness = (share: number) => Math.round((1 + share * 4) * 10) / 10;

export function reachPicture(label: string, { app, scopes, servers, patients }: Reached): Reach {
  const from = BOX + GAP;
  const second = from + scopes.length * STEP + GAP;
  const end = second + servers.length * STEP + GAP / 2;
  const part = (start: number) => (node: Node, n: number) => ({ ...node, y: start + n * STEP });
  const [upper, lower] = [scopes.map(part(from)), servers.map(part(second))];
  const [left, right] = [INDENT / 2, WIDTH - INDENT / 2];
  const lines = [
    ...upper.map(({ y, share }) => ({ d: `M${left} ${BOX}V${middle(y)}H${INDENT}`, share })),
    // Down the other side, to every server.
    ...upper.map(({ y, share }) => ({
      d: `M${WIDTH - INDENT} ${middle(y)}H${right}V${middle(second)}`,
      share,
    })),
    ...lower.map(({ y, share }) => ({
      d: `M${right} ${middle(second)}V${middle(y)}H${WIDTH - INDENT}`,
      share,
    })),
    ...lower.map(({ y, share }) => ({ d: `M${INDENT} ${middle(y)}H${left}V${end}`, share })),
  ].map(({ d, share }) => ({ d, width: thickness(share) }));
  const inner = ({ text, count, y }: Omit<Node, 'share'> & { readonly y: number }): Box => ({
    ...{ x: INDENT, y, width: WIDTH - 2 * INDENT, look: 'part', count },
    text: cut(text, WIDTH - 2 * INDENT),
  });
  const outer = (look: Box['look'], y: number, text: string): Box => ({
    ...{ look, x: 0, y, width: WIDTH, count: '', text: cut(text, WIDTH - 30) },
  });
  return {
    ...{ label, lines, height: end + BOX + 2 },
    boxes: [outer('app', 0, app), ...upper.map(inner), ...lower.map(inner), outer('patients', end, patients)],
  };
}
