// What an app reaches, drawn: the app, its scopes, the FHIR servers, the patients. In a box of 360, so that its words stay
// readable on a narrow page.
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

interface Box extends Omit<Node, 'share'> {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly look: 'app' | 'scope' | 'server' | 'patients';
}

export interface Reach {
  readonly label: string;
  readonly height: number;
  readonly boxes: readonly Box[];
  readonly lines: readonly { readonly d: string; readonly width: number }[];
}

const WIDTH = 360;
const BOX = 34;
const STEP = 42;
const TOP = 58;
const SCOPE = { x: 14, width: 178 };
const SERVER = { x: 232, width: 114 };
const LETTER = 6.1;

/** As much of a text as fits; the table beside says all of it. */
const cut = (text: string, width: number) => {
  const most = Math.floor((width - 16) / LETTER);
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
};

const middle = (y: number) => y + BOX / 2;

export function reachPicture(label: string, { app, scopes, servers, patients }: Reached): Reach {
  const rows = Math.max(scopes.length, servers.length, 1);
  const placed = (nodes: readonly Node[]) => {
    const before = ((rows - nodes.length) * STEP) / 2;
    return nodes.map((node, n) => ({ ...node, y: TOP + before + n * STEP }));
  };
  const [left, right] = [placed(scopes), placed(servers)];
  const end = TOP + rows * STEP + 14;
  const width = (share: number) => Math.round((1 + share * 3) * 10) / 10;
  const lines = [
    ...left.map(({ y, share }) => ({ d: `M6 ${BOX}V${middle(y)}H${SCOPE.x}`, width: width(share) })),
    ...left.flatMap((scope) =>
      right.map((server) => {
        const [from, to] = [SCOPE.x + SCOPE.width, SERVER.x];
        const [a, b] = [middle(scope.y), middle(server.y)];
        const half = (from + to) / 2;
        return {
          d: `M${from} ${a}C${half} ${a} ${half} ${b} ${to} ${b}`,
          width: width(Math.min(scope.share, server.share)),
        };
      }),
    ),
    ...right.map(({ y, share }) => ({
      d: `M${SERVER.x + SERVER.width} ${middle(y)}H${WIDTH - 6}V${end}`,
      width: width(share),
    })),
  ];
  const box = (
    look: Box['look'],
    place: { x: number; y: number; width: number },
    node: Omit<Node, 'share'>,
  ) => ({
    ...{ ...place, look, text: cut(node.text, place.width), count: node.count },
  });
  return {
    ...{ label, lines, height: end + BOX + 2 },
    boxes: [
      box('app', { x: 0, y: 0, width: WIDTH }, { text: app, count: '' }),
      ...left.map((node) => box('scope', { ...SCOPE, y: node.y }, node)),
      ...right.map((node) => box('server', { ...SERVER, y: node.y }, node)),
      box('patients', { x: 0, y: end, width: WIDTH }, { text: patients, count: '' }),
    ],
  };
}
