/**
 * A form over a draft: typed text in, the server's judgement out. Checks live in core alone; its field errors land on
 * the field with the same path (`lines.0.quantity`), errors without a field of their own are listed above the form.
 */
import { type UseFormReturnType, useForm } from "@mantine/form";
import { type RefObject, useCallback, useMemo, useRef, useState } from "react";
import type { FieldError } from "../api/bindings";
import { AppError, toAppError } from "../api";

export type DraftForm<D extends object> = {
  form: UseFormReturnType<D>;
  /** Put on the form element, so that the first bad field can be focused. */
  ref: RefObject<HTMLFormElement | null>;
  saving: boolean;
  /** What stopped the last save; field errors are at their fields. */
  error: AppError | null;
  clearError: () => void;
  submit: () => Promise<boolean>;
  /** Saved, or just being saved: a form that closes now has done its work. */
  closesSaved: () => boolean;
};

/** Field errors as a form takes them; several for one field become one text. */
export function errorsByPath(fields: FieldError[]): Record<string, string> {
  const byPath: Record<string, string> = {};
  for (const { field, reason } of fields) byPath[field] = byPath[field] === undefined ? reason : `${byPath[field]} ${reason}`;
  return byPath;
}

/** Errors that no field of the page shows. */
export function errorsWithoutField(fields: FieldError[], shown: (path: string) => boolean): FieldError[] {
  return fields.filter(({ field }) => !shown(field));
}

const byPathSelector = (path: string) => `[data-path="${CSS.escape(path)}"]`;

/** `save` throws `AppError` when it fails; what was typed stays. */
export function useDraftForm<D extends object>(initial: D, save: (draft: D) => Promise<unknown>): DraftForm<D> {
  const form = useForm<D>({ initialValues: initial });
  const ref = useRef<HTMLFormElement>(null);
  const [saving, setSaving] = useState(false);
  const [error, setError] = useState<AppError | null>(null);
  const running = useRef(false);
  const saved = useRef(false);
  const { getValues, setErrors, clearErrors } = form;

  const submit = useCallback(async () => {
    // A second press while the first one saves is the same save.
    if (running.current) return false;
    running.current = true;
    setSaving(true);
    setError(null);
    clearErrors();
    try {
      await save(getValues());
      saved.current = true;
      return true;
    } catch (cause) {
      const failure = toAppError(cause);
      const shown = (path: string) => ref.current?.querySelector(byPathSelector(path)) != null;
      setErrors(errorsByPath(failure.fields));
      const rest = errorsWithoutField(failure.fields, shown);
      setError(withReasons(failure, rest));
      const first = failure.fields.find(({ field }) => shown(field));
      if (first) ref.current?.querySelector<HTMLElement>(byPathSelector(first.field))?.focus();
      return false;
    } finally {
      running.current = false;
      setSaving(false);
    }
  }, [save, getValues, setErrors, clearErrors]);

  const clearError = useCallback(() => setError(null), []);
  const closesSaved = useCallback(() => running.current || saved.current, []);
  return useMemo(() => ({ form, ref, saving, error, clearError, submit, closesSaved }), [form, saving, error, clearError, submit, closesSaved]);
}

/** The sentence above the form: reasons that have no field on the page. Those that have one stand there. */
function withReasons(error: AppError, rest: FieldError[]): AppError {
  if (error.fields.length === 0) return error;
  return new AppError({
    code: error.code,
    message: rest.map(({ reason }) => reason).join(" "),
    fields: error.fields,
    hint: error.hint,
    request_id: error.requestId,
  });
}

/** What a field needs to belong to a form: value, change, error and its path. Spread it into any field below. */
export function fieldProps<D extends object>(form: UseFormReturnType<D>, path: string) {
  const { error, value, onChange, onBlur } = form.getInputProps(path) as {
    error: string | undefined;
    value: string;
    onChange: (value: unknown) => void;
    onBlur: () => void;
  };
  return { "data-path": path, value, error, onChange, onBlur };
}
