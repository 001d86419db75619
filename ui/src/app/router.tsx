/**
 * One route per area and everything below it; the area's page reads the rest of the path (`useSubPath`). A page is the
 * default export of features/<area>/index.tsx and is loaded when first shown. The path lives behind the `#`, because the
 * window's files come from a scheme without a server that could rewrite paths.
 */
import { createHashHistory, createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { areas } from "./areas";
import { AppFrame } from "./AppFrame";
import { CannotOpen } from "./CannotOpen";
import { PageFault } from "./ErrorBoundary";
import { NoPage } from "./NoPage";

const pages = import.meta.glob<{ default: () => React.ReactNode }>("../features/*/index.tsx");

function pageOf(area: string) {
  const load = pages[`../features/${area}/index.tsx`];
  return load ? lazyRouteComponent(load) : NoPage;
}

const root = createRootRoute();

// Outside the frame, which asks the app how things stand: here the app has no data file to answer from.
const cannotOpen = createRoute({ getParentRoute: () => root, path: "/cannot-open", component: CannotOpen });

const frame = createRoute({ getParentRoute: () => root, id: "frame", component: AppFrame });

const routes = areas.flatMap(({ name, path }) => {
  // The path and the path with more below it show the same page, which is not made anew between them.
  const area = createRoute({ getParentRoute: () => frame, path, component: pageOf(name) });
  return area.addChildren([createRoute({ getParentRoute: () => area, path: "$", component: () => null })]);
});

const home = createRoute({
  getParentRoute: () => frame,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/home", replace: true });
  },
});

const lost = createRoute({ getParentRoute: () => frame, path: "$", component: NoPage });

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
    routeTree: root.addChildren([cannotOpen, frame.addChildren([home, ...routes, lost])]),
    history: createHashHistory(),
    parseSearch,
    stringifySearch,
    defaultPreload: "intent",
    defaultErrorComponent: ({ reset }) => <PageFault onRetry={reset} />,
  });
}
