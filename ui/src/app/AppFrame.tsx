/** The window: navigation on the left with the state of the sync at its foot, the page on the right, Ctrl+K above all. */
import { Loader, UnstyledButton } from "@mantine/core";
import { useHotkeys } from "@mantine/hooks";
import { useLingui } from "@lingui/react/macro";
import { IconSearch } from "@tabler/icons-react";
import { Outlet, useRouterState } from "@tanstack/react-router";
import { clsx } from "clsx";
import { lazy, Suspense, useState } from "react";
import { useRead } from "../api";
import { ErrorState, useGo } from "../shared";
import classes from "./app.module.css";
import { areas } from "./areas";
import { ErrorBoundary } from "./ErrorBoundary";
import { SyncFoot } from "./SyncFoot";

// As the keyboard names it.
const findKey = /Mac|iPhone|iPad/.test(navigator.platform) ? "⌘ K" : "Ctrl K";

const Search = lazy(() => import("../features/search"));
const Welcome = lazy(() => import("../features/welcome"));

export function AppFrame() {
  const status = useRead("appStatus", []);
  if (status.error && !status.data) return <ErrorState error={status.error} onRetry={() => void status.refetch()} />;
  if (!status.data) return <Waiting />;
  if (status.data.company === null) {
    return (
      <Suspense fallback={<Waiting />}>
        <Welcome />
      </Suspense>
    );
  }
  return <Frame company={status.data.company.name} />;
}

function Waiting() {
  const { t } = useLingui();
  return (
    <div className={classes.waiting}>
      <Loader size="sm" role="img" aria-label={t`Loading`} />
    </div>
  );
}

function Frame({ company }: { company: string }) {
  const { t } = useLingui();
  const path = useRouterState({ select: (state) => state.location.pathname });
  const go = useGo();
  // Loaded when it is first asked for; counted, so that asking again opens it again.
  const [asked, setAsked] = useState(0);
  const find = () => setAsked((times) => times + 1);
  // QuickBooks' own keys, and those of every command box.
  // They work from within fields too: none of them types anything.
  useHotkeys(
    [
      ["mod+I", () => go("/invoices/new")],
      ["mod+J", () => go("/customers")],
      ["mod+K", find],
      ["mod+P", find],
    ],
    [],
  );
  return (
    <div className={classes.frame}>
      <a className={classes.skip} href="#main" onClick={(event) => skipToMain(event)}>
        {t`Skip to the page`}
      </a>
      <div className={classes.side}>
        <section className={classes.head} aria-label={t`Company and search`}>
          <div className={classes.company} title={company} dir="auto">
            {company}
          </div>
          <UnstyledButton className={classes.find} title={t`Find`} onClick={find}>
            <IconSearch size={14} aria-hidden />
            <span className={classes.findWord}>{t`Find`}</span>
            <kbd className={classes.key}>{findKey}</kbd>
          </UnstyledButton>
        </section>
        <nav className={classes.nav} aria-label={t`Areas`}>
          {areas.map((area) => (
            <AreaLink key={area.name} area={area} current={path === area.path || path.startsWith(`${area.path}/`)} />
          ))}
        </nav>
        <SyncFoot />
      </div>
      <main id="main" tabIndex={-1} className={classes.main}>
        <ErrorBoundary>
          <Outlet />
        </ErrorBoundary>
      </main>
      {asked > 0 && (
        <Suspense fallback={null}>
          <Search areas={areas} asked={asked} />
        </Suspense>
      )}
    </div>
  );
}

function skipToMain(event: React.MouseEvent) {
  event.preventDefault();
  document.querySelector<HTMLElement>("#main")?.focus();
}

function AreaLink({ area, current }: { area: (typeof areas)[number]; current: boolean }) {
  const { t } = useLingui();
  const go = useGo();
  const Icon = area.icon;
  return (
    <a
      href={`#${area.path}`}
      className={clsx(classes.link, current && classes.current)}
      aria-current={current ? "page" : undefined}
      title={t(area.label)}
      onClick={(event) => {
        event.preventDefault();
        go(area.path);
      }}
    >
      <Icon size={16} stroke={1.75} aria-hidden />
      <span className={classes.linkWord}>{t(area.label)}</span>
    </a>
  );
}
