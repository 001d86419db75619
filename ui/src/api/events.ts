/**
 * Hears the app's one event and turns it into cache work, messages and moves. Mounted once, by the providers. During a
 * run the app tells of changes many times a second; reads are repeated at most once a second.
 */
import type { QueryClient } from "@tanstack/react-query";
import type { AppEvent, AttentionPlace, SignInOutcome, Tag } from "./bindings";
import { listen } from "./client";
import { invalidateTags, storeRun } from "./queries";

export type EventHandlers = {
  onAttention: (title: string, text: string, place: AttentionPlace) => void;
  onNavigate: (path: string) => void;
};

const REPEAT_MS = 1000;
const signInListeners = new Set<(outcome: SignInOutcome) => void>();

/** Calls back when a sign-in through the browser ends; returns what stops that. */
export function onSignIn(listener: (outcome: SignInOutcome) => void): () => void {
  signInListeners.add(listener);
  return () => signInListeners.delete(listener);
}

/** Collects tags: the first ones act at once, those of the next second together. */
export function makeTagCollector(act: (tags: ReadonlySet<Tag>) => void, intervalMs = REPEAT_MS): (tags: Tag[]) => void {
  let waiting = new Set<Tag>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const flush = () => {
    timer = undefined;
    if (waiting.size === 0) return;
    const tags = waiting;
    waiting = new Set();
    act(tags);
    timer = setTimeout(flush, intervalMs);
  };
  return (tags) => {
    for (const tag of tags) waiting.add(tag);
    if (timer === undefined) flush();
  };
}

/** Starts hearing; returns what stops it. */
export function startEvents(client: QueryClient, handlers: EventHandlers): () => void {
  const collect = makeTagCollector((tags) => invalidateTags(client, tags));
  const handle = (event: AppEvent) => {
    switch (event.type) {
      case "changed":
        collect(event.tags);
        break;
      case "run":
        storeRun(client, event.run);
        break;
      case "attention":
        handlers.onAttention(event.title, event.text, event.place);
        break;
      case "navigate":
        handlers.onNavigate(event.path);
        break;
      case "sign_in":
        for (const listener of signInListeners) listener(event.outcome);
        break;
    }
  };
  let stopped = false;
  let stop: (() => void) | undefined;
  listen(handle).then(
    (unlisten) => {
      if (stopped) unlisten();
      else stop = unlisten;
    },
    // Without the app behind the page there is nothing to hear; every read says so itself.
    () => undefined,
  );
  return () => {
    stopped = true;
    stop?.();
  };
}
