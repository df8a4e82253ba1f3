// The side of the child: what a contender or tool does that runs in a process of its own, under process-start.ts.

/** Starts with the settings that the parent sends, tells it when it is ready, and ends with it. */
export function runAsChild<Settings, Ready>(start: (settings: Settings) => Promise<Ready>): void {
  // tsx turns them on; a contender that throws often would pay for them.
  process.setSourceMapsEnabled(false);
  process.once('disconnect', () => process.exit());
  process.once('message', (settings) => {
    start(settings as Settings).then(
      (ready) => process.send?.({ ready }),
      (error: unknown) => process.send?.({ fault: error instanceof Error ? error.stack : String(error) }),
    );
  });
}
