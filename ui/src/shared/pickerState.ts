/**
 * What a picker knows while one types. Options may still answer fewer letters than stand in the field; Enter and Tab then wait
 * for the answer and take its best match, never one of an earlier answer. What was typed is never simply lost: without a match
 * it becomes the name of a new record.
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
  // The key that was pressed before its answer came.
  const entered = useRef<"Enter" | "Tab" | null>(null);
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
    const left = entered.current === "Tab";
    if (entered.current !== null && best) choose(best.id);
    else if (left && onNew) choose(NEW);
    else if (left) combobox.closeDropdown();
    else selectFirstOption();
    entered.current = null;
  });
  useEffect(() => {
    if (settled) onSettled();
  }, [settled]);

  const onKeyDown = (event: KeyboardEvent) => {
    const tab = event.key === "Tab" && !event.shiftKey;
    if ((event.key !== "Enter" && !tab) || !open) return;
    // With nothing typed and nothing marked there is nothing to take.
    if (tab && (typed === null || typed.trim() === "") && combobox.getSelectedOptionIndex() < 0) return;
    if (typed === null || settled) {
      // The focus goes on by itself, unless a new record is asked for.
      if (tab && combobox.getSelectedOptionIndex() >= 0) combobox.clickSelectedOption();
      return;
    }
    if (!tab) event.preventDefault();
    entered.current = tab ? "Tab" : "Enter";
  };
  const onBlur = () => {
    // The answer to what was typed is still awaited.
    if (entered.current === "Tab") return;
    // Typed in full, it is chosen.
    const words = (typed ?? "").trim().toLocaleLowerCase();
    const same = settled && words !== "" ? options.find((option) => option.label.toLocaleLowerCase() === words) : undefined;
    if (same) choose(same.id);
    else combobox.closeDropdown();
  };
  const onType = (next: string) => {
    setTyped(next);
    entered.current = null;
    combobox.openDropdown();
    combobox.resetSelectedOption();
  };
  return { combobox, open, typed, text, choose, onKeyDown, onType, onBlur };
}
