/**
 * Form fields. Each takes what `fieldProps(form, path)` gives, so that a server's field error appears below it. Values
 * are text as typed; the app does all checking and all arithmetic.
 */
import { Select, type SelectProps, Textarea, type TextareaProps, TextInput, type TextInputProps } from "@mantine/core";
import { useLingui } from "@lingui/react/macro";
import { type KeyboardEvent, useState } from "react";
import { flushSync } from "react-dom";
import { useRead } from "../api";
import { CalendarButton } from "./CalendarButton";
import { dayForKey, firstWeekday, isDay } from "./dateKeys";
import classes from "./fields.module.css";
import { formatDay } from "./format";
import { fittingOptions } from "./optionSearch";
import { locale } from "./locale";
import { dayPattern, readDay } from "./typedDay";
import { shownNumber, typedNumber } from "./typedNumber";

type Bound = { "data-path"?: string };

export type FormFieldProps = TextInputProps & Bound;

/** One line of text. */
export function FormField(props: FormFieldProps) {
  return <TextInput autoComplete="off" {...props} />;
}

/** Several lines of text. */
export function FormArea(props: TextareaProps & Bound) {
  return <Textarea autosize minRows={2} maxRows={8} {...props} />;
}

/** One of a few choices; null when none. One that is searched takes words as people write them, and says when none fits. */
export function FormSelect(props: SelectProps & Bound) {
  const { t } = useLingui();
  const searching = props.searchable === true ? { filter: fittingOptions, nothingFoundMessage: t`Nothing found`, selectFirstOptionOnChange: true } : {};
  return <Select allowDeselect={false} checkIconPosition="right" {...searching} {...props} />;
}

type NumberProps = Omit<FormFieldProps, "value" | "onChange"> & { value: string; onChange: (value: string) => void; currency?: string };

/**
 * An amount, quantity or percentage as the owner writes it; sums such as `12.50+3` are sent as they are. Shows the currency when
 * given one.
 */
export function AmountField({ currency, value, onChange, ...props }: NumberProps) {
  return (
    <TextInput
      value={shownNumber(value)}
      onChange={(event) => onChange(typedNumber(event.currentTarget.value))}
      autoComplete="off"
      inputMode="decimal"
      classNames={{ input: classes.amount ?? "" }}
      onFocus={(event) => event.currentTarget.select()}
      {...(currency !== undefined && { leftSection: <span className={classes.currency}>{currency}</span>, leftSectionWidth: 44 })}
      {...props}
    />
  );
}

/** A whole number as the owner writes it, such as the next one of invoices. */
export function NumberField({ value, onChange, ...props }: NumberProps) {
  return (
    <TextInput
      autoComplete="off"
      inputMode="numeric"
      value={shownNumber(String(value))}
      onChange={(event) => onChange(typedNumber(event.currentTarget.value))}
      {...props}
    />
  );
}

type DateProps = Omit<FormFieldProps, "value" | "onChange"> & {
  /** `YYYY-MM-DD`, or what is typed while it is no day. */
  value: string;
  onChange: (day: string) => void;
};

/** A day, typed in the owner's order or as `YYYY-MM-DD`. Keys: t today, + and - a day, m/h month, y/r year, w/k week (first/last). */
export function DateField({ value, onChange, onBlur, description, ...props }: DateProps) {
  const status = useRead("appStatus", []);
  const [computersDay] = useState(() => new Date().toISOString().slice(0, 10));
  const today = status.data?.today ?? computersDay;
  const weekStart = firstWeekday(locale);
  // Read as everywhere else; while it is typed the text stays as it is, and the form has the day as soon as there is one.
  const [typing, setTyping] = useState<string | null>(null);
  const [writing, setWriting] = useState(false);
  const shown = !writing && isDay(value) ? formatDay(value) : value;
  const choose = (day: string) => {
    setTyping(null);
    onChange(day);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const day = dayForKey(event.key, value, today, weekStart);
    if (day === null) return;
    event.preventDefault();
    choose(day);
  };
  return (
    <TextInput
      autoComplete="off"
      placeholder={dayPattern()}
      title={isDay(value) ? formatDay(value) : undefined}
      {...props}
      description={description}
      value={typing ?? shown}
      onChange={(event) => {
        setTyping(event.currentTarget.value);
        onChange(readDay(event.currentTarget.value) ?? event.currentTarget.value);
      }}
      onFocus={(event) => {
        // At once, so that what is typed next takes the place of the day however fast it comes.
        flushSync(() => setWriting(true));
        event.currentTarget.select();
      }}
      onBlur={(event) => {
        setTyping(null);
        setWriting(false);
        onBlur?.(event);
      }}
      onKeyDown={onKeyDown}
      aria-keyshortcuts="T + - M H Y R W K"
      rightSection={<CalendarButton day={value} today={today} weekStart={weekStart} disabled={props.disabled === true} onChange={choose} />}
    />
  );
}
