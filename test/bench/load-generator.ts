// The load, in a process of its own: prepared requests over raw keep-alive connections.
import { runAsChild } from './child-process.ts';
import type { Plan } from './load.ts';
import { LoadRun, type Pace } from './load-run.ts';

export type LoadCommand =
  | { readonly type: 'plan'; readonly plan: number; readonly is: Plan }
  | { readonly type: 'start'; readonly plan: number; readonly pace: Pace }
  | { readonly type: 'sample' | 'stop' };

interface Prepared {
  readonly plan: Plan;
  take(): Buffer | undefined;
}

const plans = new Map<number, Prepared>();
let run: LoadRun | undefined;

function prepared(plan: Plan): Prepared {
  const requests = plan.bodies.map((body) =>
    Buffer.from(`${plan.head}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`),
  );
  const once = plan.order === 'once';
  if (!once) shuffle(requests);
  let at = 0;
  return {
    plan,
    take: () => {
      if (at === requests.length && !once) at = 0;
      return requests[at++];
    },
  };
}

function shuffle(list: Buffer[]): void {
  for (let at = list.length - 1; at > 0; at -= 1) {
    const other = Math.floor(Math.random() * (at + 1));
    [list[at], list[other]] = [list[other] as Buffer, list[at] as Buffer];
  }
}

async function obey(command: LoadCommand): Promise<unknown> {
  if (command.type === 'plan') {
    plans.set(command.plan, prepared(command.is));
    return undefined;
  }
  if (command.type === 'start') {
    const { plan, take } = plans.get(command.plan) as Prepared;
    run = new LoadRun(plan.port, plan.expected, take, command.pace);
    return undefined;
  }
  return command.type === 'sample' ? run?.sample() : run?.stop();
}

runAsChild(async () => {
  process.on('message', (command) => {
    void obey(command as LoadCommand).then((answer) => process.send?.({ answer }));
  });
});
