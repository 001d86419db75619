/**
 * One route per area and everything below it; the area's page reads the rest of the path (`useSubPath`). A page is the
 * default export of features/<area>/index.tsx and is loaded when first shown. The path lives behind the `#`, because the
 * window's files come from a scheme without a server that could rewrite paths.
 */
import { createHashHistory, createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { areas } from "./areas";
import { AppFrame } from "./AppFrame";
import { PageFault } from "./ErrorBoundary";
import { NoPage } from "./NoPage";

const pages = import.meta.glob<{ default: () => React.ReactNode }>("../features/*/index.tsx");

function pageOf(area: string) {
  const load = pages[`../features/${area}/index.tsx`];
  return load ? lazyRouteComponent(load) : NoPage;
}

const root = createRootRoute({ component: AppFrame, notFoundComponent: NoPage });

const routes = areas.flatMap(({ name, path }) => {
  // The path and the path with more below it show the same page, which is not made anew between them.
  const area = createRoute({ getParentRoute: () => root, path, component: pageOf(name) });
  return area.addChildren([createRoute({ getParentRoute: () => area, path: "$", component: () => null })]);
});

const home = createRoute({
  getParentRoute: () => root,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/home", replace: true });
  },
});

/** Search parameters are plain text: ids, words, flags. */
function parseSearch(text: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(text));
}

function stringifySearch(search: Record<string, unknown>): string {
  const entries = Object.entries(search).filter(([, value]) => value !== undefined && value !== null);
  const text = new URLSearchParams(entries.map(([key, value]) => [key, String(value)])).toString();
  return text === "" ? "" : `?${text}`;
}

export function makeRouter() {
  return createRouter({
    routeTree: root.addChildren([home, ...routes]),
    history: createHashHistory(),
    parseSearch,
    stringifySearch,
    defaultPreload: "intent",
    defaultErrorComponent: ({ reset }) => <PageFault onRetry={reset} />,
  });
}
