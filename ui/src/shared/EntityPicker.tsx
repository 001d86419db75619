/**
 * Finds a record while typing: arrows and Enter choose, Escape gives up, the last option makes a new one. Only the best
 * matches are ever loaded, so it stays quick with any number of records.
 */
import { CloseButton, Combobox, type InputWrapperProps, Loader, Text, TextInput, useCombobox } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useLingui } from "@lingui/react/macro";
import { IconPlus } from "@tabler/icons-react";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import classes from "./EntityPicker.module.css";

/** What is looked for; reads wait until the list is open. */
export type PickerQuery = { text: string; open: boolean };

/** The query of a picker: `const [query, onQuery] = usePickerQuery()`, read with `query`, give both to the picker. */
export function usePickerQuery(): [PickerQuery, (query: PickerQuery) => void] {
  return useState<PickerQuery>({ text: "", open: false });
}

export type PickerOption = { id: string; label: string; detail?: string };

type Props = Pick<InputWrapperProps, "label" | "description" | "error" | "required" | "withAsterisk" | "className"> & {
  /** Id chosen. */
  value: string | null;
  /** Its name; the picker doesn't load it. */
  valueLabel: string;
  onChange: (option: PickerOption | null) => void;
  /** The best matches for the query, from the caller's own read. */
  options: PickerOption[];
  pending: boolean;
  /** The text these options answer. */
  asked: string;
  /** From `usePickerQuery`. */
  onQuery: (query: PickerQuery) => void;
  placeholder?: string;
  /** Words of the last option for what was typed, such as `New customer “Foo”`. */
  newLabel?: (text: string) => string;
  onNew?: (text: string) => void;
  clearable?: boolean;
  disabled?: boolean;
  "aria-label"?: string;
  "data-path"?: string;
  "data-autofocus"?: boolean;
};

const NEW = "\u0000new";

export function EntityPicker(props: Props) {
  const { value, valueLabel, onChange, options, pending, asked, onQuery, newLabel, onNew, clearable = false, placeholder, ...input } = props;
  const { t } = useLingui();
  const [typed, setTyped] = useState<string | null>(null);
  const combobox = useCombobox({
    onDropdownClose: () => {
      combobox.resetSelectedOption();
      setTyped(null);
    },
  });
  const [text] = useDebouncedValue(typed ?? "", 100);
  const open = combobox.dropdownOpened;
  useEffect(() => onQuery({ text: text.trim(), open }), [onQuery, text, open]);

  // Options may still answer fewer letters than were typed: Enter waits for the answer and never takes an old one.
  const settled = typed !== null && typed.trim() === asked && !pending;
  const [entered, setEntered] = useState(false);
  const { selectFirstOption } = combobox;
  const first = options[0];
  useEffect(() => {
    if (!settled || !open) return;
    if (entered) takeFirst.current();
    else selectFirstOption();
  }, [settled, open, entered, first, selectFirstOption]);

  const choose = (id: string) => {
    const words = (typed ?? "").trim();
    combobox.closeDropdown();
    setTyped(null);
    setEntered(false);
    if (id === NEW) onNew?.(words);
    else onChange(options.find((option) => option.id === id) ?? null);
  };
  const takeFirst = useRef(() => undefined as void);
  takeFirst.current = () => (first ? choose(first.id) : setEntered(false));
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || !open || typed === null || settled) return;
    event.preventDefault();
    setEntered(true);
  };
  const clear = clearable && value !== null && typed === null && !input.disabled;

  return (
    <Combobox store={combobox} onOptionSubmit={choose} withinPortal position="bottom-start" width="target" middlewares={{ flip: true, shift: true }}>
      <Combobox.Target withExpandedAttribute>
        <TextInput
          {...input}
          role="combobox"
          aria-expanded={open}
          aria-controls={combobox.listId ?? undefined}
          autoComplete="off"
          title={valueLabel}
          placeholder={placeholder ?? t`Type to find`}
          value={typed ?? valueLabel}
          rightSection={
            pending && open ? (
              <Loader size={14} />
            ) : clear ? (
              <CloseButton size="sm" aria-label={t`Clear`} onClick={() => onChange(null)} />
            ) : (
              <Combobox.Chevron />
            )
          }
          rightSectionPointerEvents={clear ? "auto" : "none"}
          onClick={() => combobox.openDropdown()}
          onFocus={(event) => event.currentTarget.select()}
          onBlur={() => combobox.closeDropdown()}
          onKeyDown={onKeyDown}
          onChange={(event) => {
            setTyped(event.currentTarget.value);
            setEntered(false);
            combobox.openDropdown();
            combobox.resetSelectedOption();
          }}
        />
      </Combobox.Target>
      <Combobox.Dropdown className={classes.dropdown ?? ""}>
        <section aria-label={t`Choices`}>
          <Options options={options} value={value} empty={options.length === 0 && !pending} asked={text !== ""} create={onNew && newLabel ? newLabel((typed ?? "").trim()) : null} />
        </section>
      </Combobox.Dropdown>
    </Combobox>
  );
}

type OptionsProps = { options: PickerOption[]; value: string | null; empty: boolean; asked: boolean; create: string | null };

function Options({ options, value, empty, asked, create }: OptionsProps) {
  const { t } = useLingui();
  return (
    <Combobox.Options mah={280} className={classes.options} aria-label={t`Matches`}>
      {options.map((option) => (
        <Combobox.Option key={option.id} value={option.id} active={option.id === value}>
          <div className={classes.option} title={option.label}>
            <span className={classes.label}>{option.label}</span>
            {option.detail !== undefined && <span className={classes.detail}>{option.detail}</span>}
          </div>
        </Combobox.Option>
      ))}
      {empty && (
        <Combobox.Empty>
          <Text size="sm">{asked ? t`Nothing found` : t`Nothing here yet`}</Text>
        </Combobox.Empty>
      )}
      {create !== null && (
        <Combobox.Option value={NEW} className={classes.create}>
          <IconPlus size={14} aria-hidden /> <span className={classes.label}>{create}</span>
        </Combobox.Option>
      )}
    </Combobox.Options>
  );
}
