/**
 * What a picker knows while one types. Options may still answer fewer letters than stand in the field; Enter then waits
 * for the answer and takes its best match, never one of an earlier answer.
 */
import { useCombobox } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { type KeyboardEvent, useEffect, useEffectEvent, useRef, useState } from "react";
import type { PickerOption, PickerQuery } from "./EntityPicker";

/** Stands for the last option, which makes a new record. */
export const NEW = "\u0000new";
const TYPING_MS = 100;

type Wanted = {
  options: PickerOption[];
  pending: boolean;
  asked: string;
  onQuery: (query: PickerQuery) => void;
  onChange: (option: PickerOption | null) => void;
  onNew: ((text: string) => void) | undefined;
};

export function usePickerState({ options, pending, asked, onQuery, onChange, onNew }: Wanted) {
  // What stands in the field while it is being changed; null shows the chosen record.
  const [typed, setTyped] = useState<string | null>(null);
  const entered = useRef(false);
  const combobox = useCombobox({
    onDropdownClose: () => {
      combobox.resetSelectedOption();
      setTyped(null);
    },
  });
  const { dropdownOpened: open, selectFirstOption } = combobox;
  const [text] = useDebouncedValue(typed ?? "", TYPING_MS);
  useEffect(() => onQuery({ text: text.trim(), open }), [onQuery, text, open]);

  const choose = (id: string) => {
    const words = (typed ?? "").trim();
    combobox.closeDropdown();
    setTyped(null);
    if (id === NEW) onNew?.(words);
    else onChange(options.find((option) => option.id === id) ?? null);
  };
  const settled = open && typed !== null && typed.trim() === asked && !pending;
  const onSettled = useEffectEvent(() => {
    const best = options[0];
    if (entered.current && best) choose(best.id);
    else selectFirstOption();
    entered.current = false;
  });
  useEffect(() => {
    if (settled) onSettled();
  }, [settled]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || !open || typed === null || settled) return;
    event.preventDefault();
    entered.current = true;
  };
  const onType = (next: string) => {
    setTyped(next);
    entered.current = false;
    combobox.openDropdown();
    combobox.resetSelectedOption();
  };
  return { combobox, open, typed, text, choose, onKeyDown, onType };
}
