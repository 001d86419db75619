/** The calendar of a day field. A file of its own, because it is large and seldom opened. */
import "@mantine/dates/styles.layer.css";
import { DatePicker } from "@mantine/dates";
import { useLingui } from "@lingui/react/macro";
import { isDay } from "./dateKeys";

type Props = { day: string; today: string; weekStart: number; onChange: (day: string | null) => void };

export function DayCalendar({ day, today, weekStart, onChange }: Props) {
  const { t } = useLingui();
  return (
    <DatePicker
      value={isDay(day) ? day : null}
      defaultDate={isDay(day) ? day : today}
      firstDayOfWeek={(weekStart % 7) as 0 | 1 | 2 | 3 | 4 | 5 | 6}
      ariaLabels={{ nextMonth: t`Next month`, previousMonth: t`Previous month` }}
      onChange={onChange}
    />
  );
}
