/** The frame of the settings: a list of subjects on the left, the chosen one beside it. */
import { NavLink } from "@mantine/core";
import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import { IconBuildingStore, IconDatabase, IconPalette, IconPlugConnected, IconReceiptTax, IconRefresh } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { PageHeader, useGo, useSubPath } from "../../shared";
import { AppearanceSettings } from "./AppearanceSettings";
import { CompanySettings } from "./CompanySettings";
import { ConnectionsSettings } from "./ConnectionsSettings";
import { DataSettings } from "./DataSettings";
import { ListsSettings } from "./ListsSettings";
import { SyncTimerSettings } from "./SyncTimerSettings";
import classes from "./settings.module.css";

type Subject = { path: string; label: MessageDescriptor; icon: typeof IconDatabase; page: () => ReactNode };

const subjects: Subject[] = [
  { path: "connections", label: msg`Connections`, icon: IconPlugConnected, page: ConnectionsSettings },
  { path: "company", label: msg`Company and invoices`, icon: IconBuildingStore, page: CompanySettings },
  { path: "lists", label: msg`Tax codes and locations`, icon: IconReceiptTax, page: ListsSettings },
  { path: "sync", label: msg`Background sync`, icon: IconRefresh, page: SyncTimerSettings },
  { path: "data", label: msg`Data`, icon: IconDatabase, page: DataSettings },
  { path: "appearance", label: msg`Appearance`, icon: IconPalette, page: AppearanceSettings },
];

export function SettingsPage() {
  const { t } = useLingui();
  const go = useGo();
  const path = useSubPath();
  const subject = subjects.find((known) => known.path === path) ?? (subjects[0] as Subject);
  const Page = subject.page;
  return (
    <div className={classes.page}>
      <PageHeader title={t`Settings`} />
      <div className={classes.split}>
        <nav className={classes.subjects} aria-label={t`Settings`}>
          {subjects.map(({ path: to, label, icon: Icon }) => (
            <NavLink
              key={to}
              component="button"
              className={classes.subject ?? ""}
              label={t(label)}
              leftSection={<Icon size={16} aria-hidden />}
              active={to === subject.path}
              aria-current={to === subject.path ? "page" : undefined}
              onClick={() => go(`/settings/${to}`)}
            />
          ))}
        </nav>
        {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scrolling region has to be reachable by key */}
        <section className={classes.body} aria-label={t(subject.label)} tabIndex={0}>
          <div className={classes.column}>
            <Page />
          </div>
        </section>
      </div>
    </div>
  );
}
