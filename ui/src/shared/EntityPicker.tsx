/**
 * Finds a record while typing: arrows choose, Enter and Tab take the marked one, Escape gives up, the last option makes a new
 * one. Only the best matches are ever loaded, so it stays quick with any number of records.
 */
import { CloseButton, Combobox, type InputWrapperProps, Loader, Text, TextInput } from "@mantine/core";
import { useLingui } from "@lingui/react/macro";
import { IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import classes from "./EntityPicker.module.css";
import { NEW, usePickerState } from "./pickerState";

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

export function EntityPicker(props: Props) {
  const { value, valueLabel, onChange, options, pending, asked, onQuery, newLabel, onNew, clearable = false, placeholder, ...input } = props;
  const { t } = useLingui();
  const { combobox, open, typed, text, choose, onKeyDown, onType, onBlur } = usePickerState({ options, pending, asked, onQuery, onChange, onNew });
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
              <CloseButton size="sm" tabIndex={-1} aria-label={t`Clear`} onClick={() => onChange(null)} />
            ) : (
              <Combobox.Chevron />
            )
          }
          rightSectionPointerEvents={clear ? "auto" : "none"}
          onClick={(event) => {
            if (typed === null) event.currentTarget.select();
            combobox.openDropdown();
          }}
          onFocus={(event) => event.currentTarget.select()}
          onBlur={onBlur}
          onKeyDown={onKeyDown}
          onChange={(event) => onType(event.currentTarget.value)}
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
            <span className={classes.label} dir="auto">{option.label}</span>
            {option.detail !== undefined && <span className={classes.detail} dir="auto">{option.detail}</span>}
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
          <IconPlus size={14} aria-hidden /> <span className={classes.label} dir="auto">{create}</span>
        </Combobox.Option>
      )}
    </Combobox.Options>
  );
}
