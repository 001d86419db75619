/** Opens the calendar of a day field. Few are ever opened, so the calendar is loaded by the first that is. */
import { ActionIcon, Popover } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useLingui } from "@lingui/react/macro";
import { IconCalendar } from "@tabler/icons-react";
import { useState } from "react";
import type { DayCalendar } from "./DayCalendar";

type Props = { day: string; today: string; weekStart: number; disabled: boolean; onChange: (day: string) => void };

export function CalendarButton({ day, today, weekStart, disabled, onChange }: Props) {
  const { t } = useLingui();
  const [open, { toggle, close }] = useDisclosure(false);
  const [Calendar, setCalendar] = useState<typeof DayCalendar | null>(null);
  const show = async () => {
    const loaded = await import("./DayCalendar");
    setCalendar(() => loaded.DayCalendar);
    toggle();
  };
  const choose = (chosen: string | null) => {
    if (chosen !== null) onChange(chosen);
    close();
  };
  return (
    <Popover opened={open} onChange={(next) => !next && close()} position="bottom-end" trapFocus returnFocus>
      <Popover.Target>
        <ActionIcon variant="subtle" color="gray" size="sm" tabIndex={-1} disabled={disabled} aria-label={t`Choose from a calendar`} onClick={() => void show()}>
          <IconCalendar size={14} />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown aria-label={t`Calendar`}>{Calendar && <Calendar day={day} today={today} weekStart={weekStart} onChange={choose} />}</Popover.Dropdown>
    </Popover>
  );
}
