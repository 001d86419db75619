/**
 * The one door to the app behind the window. Everything that leaves or enters the page passes here; no other file
 * (but the generated bindings) imports from `@tauri-apps`. Results are unwrapped: data comes back, errors are thrown
 * as `AppError`.
 */
import { type AppEvent, type Code, commands, events, type FieldError, type UiError } from "./bindings";

export type Commands = typeof commands;
export type CommandName = keyof Commands;
export type Args<N extends CommandName> = Parameters<Commands[N]>;
export type Data<N extends CommandName> = Extract<Awaited<ReturnType<Commands[N]>>, { status: "ok" }>["data"];

type Answer<N extends CommandName> = { status: "ok"; data: Data<N> } | { status: "error"; error: UiError };

/** What every failed command throws. `message` is a sentence for the owner. */
export class AppError extends Error {
  readonly code: Code;
  readonly fields: FieldError[];
  readonly hint: string;
  readonly requestId: string;

  constructor(error: UiError) {
    super(error.message);
    this.name = "AppError";
    this.code = error.code;
    this.fields = error.fields;
    this.hint = error.hint;
    this.requestId = error.request_id;
  }
}

/** Anything thrown, as an `AppError`; what is no answer of ours counts as a fault of the app. */
export function toAppError(cause: unknown): AppError {
  if (cause instanceof AppError) return cause;
  if (isUiError(cause)) return new AppError(cause);
  const message = cause instanceof Error ? cause.message : String(cause);
  return new AppError({ code: "bug", message, fields: [], hint: "", request_id: "" });
}

function isUiError(value: unknown): value is UiError {
  return typeof value === "object" && value !== null && "code" in value && "message" in value && "fields" in value;
}

/** Calls a command by name. Throws `AppError`, never anything else. */
export async function call<N extends CommandName>(name: N, ...args: Args<N>): Promise<Data<N>> {
  const command = commands[name] as unknown as (...args: Args<N>) => Promise<Answer<N>>;
  let answer: Answer<N>;
  try {
    answer = await command(...args);
  } catch (cause) {
    throw toAppError(cause);
  }
  if (answer.status === "error") throw toAppError(answer.error);
  return answer.data;
}

/** Hears the app's events; returns what stops hearing. */
export async function listen(handler: (event: AppEvent) => void): Promise<() => void> {
  return events.appEvent.listen((event) => handler(event.payload));
}
