/**
 * Form fields. Each takes what `fieldProps(form, path)` gives, so that a server's field error appears below it. Values
 * are text as typed; the app does all checking and all arithmetic.
 */
import { ActionIcon, Popover, Select, type SelectProps, Textarea, type TextareaProps, TextInput, type TextInputProps } from "@mantine/core";
import { DatePicker } from "@mantine/dates";
import { useDisclosure } from "@mantine/hooks";
import { useLingui } from "@lingui/react/macro";
import { IconCalendar } from "@tabler/icons-react";
import { type KeyboardEvent, useState } from "react";
import { useRead } from "../api";
import { dayForKey, firstWeekday, isDay } from "./dateKeys";
import classes from "./fields.module.css";
import { formatDay } from "./format";
import { locale } from "./locale";

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

/** One of a few choices; null when none. */
export function FormSelect(props: SelectProps & Bound) {
  return <Select allowDeselect={false} checkIconPosition="right" {...props} />;
}

/** An amount or quantity as typed; sums such as `12.50+3` are sent as they are. Shows the currency when given one. */
export function AmountField({ currency, ...props }: FormFieldProps & { currency?: string }) {
  return (
    <TextInput
      autoComplete="off"
      inputMode="decimal"
      classNames={{ input: classes.amount ?? "" }}
      onFocus={(event) => event.currentTarget.select()}
      {...(currency !== undefined && { leftSection: <span className={classes.currency}>{currency}</span>, leftSectionWidth: 44 })}
      {...props}
    />
  );
}

type DateProps = Omit<FormFieldProps, "value" | "onChange"> & {
  /** `YYYY-MM-DD` or whatever is typed so far. */
  value: string;
  onChange: (day: string) => void;
};

/** A day. Keys: t today, + and - a day, m/h month, y/r year, w/k week (first/last). */
export function DateField({ value, onChange, description, ...props }: DateProps) {
  const { t } = useLingui();
  const [open, { toggle, close }] = useDisclosure(false);
  const status = useRead("appStatus", []);
  const [computersDay] = useState(() => new Date().toISOString().slice(0, 10));
  const today = status.data?.today ?? computersDay;
  const weekStart = firstWeekday(locale);
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const day = dayForKey(event.key, value, today, weekStart);
    if (day === null) return;
    event.preventDefault();
    onChange(day);
  };
  const calendar = (
    <Popover opened={open} onChange={(next) => !next && close()} position="bottom-end" trapFocus returnFocus>
      <Popover.Target>
        <ActionIcon variant="subtle" color="gray" size="sm" tabIndex={-1} disabled={props.disabled === true} aria-label={t`Choose from a calendar`} onClick={toggle}>
          <IconCalendar size={14} />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown aria-label={t`Calendar`}>
        <DatePicker
          value={isDay(value) ? value : null}
          defaultDate={isDay(value) ? value : today}
          firstDayOfWeek={(weekStart % 7) as 0 | 1 | 2 | 3 | 4 | 5 | 6}
          ariaLabels={{ nextMonth: t`Next month`, previousMonth: t`Previous month` }}
          onChange={(day) => {
            if (day !== null) onChange(day);
            close();
          }}
        />
      </Popover.Dropdown>
    </Popover>
  );
  return (
    <TextInput
      autoComplete="off"
      placeholder="YYYY-MM-DD"
      title={isDay(value) ? formatDay(value) : undefined}
      {...props}
      description={description}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      onFocus={(event) => event.currentTarget.select()}
      onKeyDown={onKeyDown}
      aria-keyshortcuts="T + - M H Y R W K"
      rightSection={calendar}
    />
  );
}
