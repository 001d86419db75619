/** Page frames: a list with its side panel, a scrolling page, sections and facts inside a panel. */
import { ActionIcon, Text, Title } from "@mantine/core";
import { useLingui } from "@lingui/react/macro";
import { IconX } from "@tabler/icons-react";
import { type ReactNode, useEffect, useRef } from "react";
import classes from "./layout.module.css";
import { usePanelFocus } from "./panelFocus";

type ListPageProps = { header: ReactNode; tabs?: ReactNode; toolbar?: ReactNode; children: ReactNode; panel?: ReactNode };

/** A page whose body is a list beside an optional panel; the list keeps its place while the panel comes and goes. */
export function ListPage({ header, tabs, toolbar, children, panel }: ListPageProps) {
  return (
    <div className={classes.page}>
      {header}
      {tabs}
      <div className={classes.split}>
        <section className={classes.main}>
          {toolbar !== undefined && <div className={classes.toolbar}>{toolbar}</div>}
          {children}
        </section>
        {panel}
      </div>
    </div>
  );
}

/** A page that scrolls as a whole, such as a form, a report or settings. */
export function ScrollPage({ header, children }: { header: ReactNode; children: ReactNode }) {
  return (
    <div className={classes.page}>
      {header}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scrolling region has to be reachable by key */}
      <div className={classes.scroll} tabIndex={0}>
        {children}
      </div>
    </div>
  );
}

type PanelProps = { title: string; subtitle?: ReactNode; onClose: () => void; actions?: ReactNode; footer?: ReactNode; children: ReactNode };

/** Details of one record beside its list. Escape closes it. */
export function SidePanel({ title, subtitle, onClose, actions, footer, children }: PanelProps) {
  const { t } = useLingui();
  const panel = useRef<HTMLElement>(null);
  usePanelFocus(panel);
  // The list keeps the focus, so Escape must work from there too, unless a field or something in front is in use.
  useEffect(() => {
    const close = (event: KeyboardEvent) => {
      const busy = "input, textarea, [role=dialog], [role=menu], [aria-expanded=true]";
      const elsewhere = event.target instanceof HTMLElement && event.target.closest(busy) !== null;
      if (event.key === "Escape" && !event.defaultPrevented && !elsewhere) onClose();
    };
    document.addEventListener("keydown", close);
    return () => document.removeEventListener("keydown", close);
  }, [onClose]);
  return (
    <aside ref={panel} tabIndex={-1} className={classes.panel} aria-label={title} data-side-panel>
      <div className={classes.panelHead}>
        <div className={classes.panelName}>
          <Title order={2} size="h4" className={classes.panelTitle} title={title} dir="auto">
            {title}
          </Title>
          {subtitle !== undefined && (
            <Text size="sm" component="div" lineClamp={2} c="var(--br-text-muted)">
              {subtitle}
            </Text>
          )}
        </div>
        <div className={classes.toolbarEnd}>
          {actions}
          <ActionIcon variant="subtle" color="gray" aria-label={t`Close details`} onClick={onClose}>
            <IconX size={16} />
          </ActionIcon>
        </div>
      </div>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scrolling region has to be reachable by key */}
      <div className={classes.panelBody} tabIndex={0} role="group" aria-label={t`Details`}>
        {children}
      </div>
      {footer !== undefined && <div className={classes.panelFoot}>{footer}</div>}
    </aside>
  );
}

export function PanelSection({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className={classes.section}>
      <h3 className={classes.sectionTitle}>{title}</h3>
      {children}
    </section>
  );
}

/** Labels and values; empty values are left out. */
export function Facts({ facts }: { facts: [label: string, value: ReactNode][] }) {
  const shown = facts.filter(([, value]) => value !== "" && value !== null && value !== undefined);
  return (
    <dl className={classes.facts}>
      {shown.map(([label, value]) => (
        <div key={label} className={classes.fact}>
          <dt>{label}</dt>
          <dd dir="auto">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

type Entry = { id: string; label: ReactNode; note?: string; value: ReactNode };

/** Records with an amount each, such as the payments of an invoice. */
export function Entries({ entries }: { entries: Entry[] }) {
  return (
    <ul className={classes.entries}>
      {entries.map(({ id, label, note = "", value }) => (
        <li key={id} className={classes.entry}>
          <div className={classes.entryLabel} dir="auto">{label}</div>
          <div>{value}</div>
          {note !== "" && <div className={classes.entryNote}>{note}</div>}
        </li>
      ))}
    </ul>
  );
}

/** A titled group of fields in a form; a fieldset, so that screen readers tell two addresses apart. */
export function FormSection({ title, action, children }: { title: string; action?: ReactNode; children: ReactNode }) {
  return (
    <fieldset className={classes.fieldset}>
      <legend className={classes.hidden}>{title}</legend>
      <div className={classes.legend}>
        <span aria-hidden>{title}</span>
        {action}
      </div>
      {children}
    </fieldset>
  );
}
