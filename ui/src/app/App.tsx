/** Everything that stands around the pages: texts, theme, cache, events, questions, messages, router. */
import "@fontsource-variable/inter";
import "@mantine/core/styles.layer.css";
import "@mantine/notifications/styles.layer.css";
import "./global.css";
import { I18nProvider } from "@lingui/react";
import { MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { startEvents } from "../api/events";
import { makeQueryClient } from "../api/queries";
import { ConfirmProvider, notifyAttention } from "../shared";
import { ErrorBoundary } from "./ErrorBoundary";
import { startTexts } from "./i18n";
import { makeRouter } from "./router";
import { makeTheme, resolveVariables } from "./theme";

const texts = startTexts();
const theme = makeTheme();

export function App() {
  const [client] = useState(makeQueryClient);
  const [router] = useState(makeRouter);
  useEffect(
    () => startEvents(client, { onAttention: notifyAttention, onNavigate: (path) => router.history.push(path) }),
    [client, router],
  );
  return (
    <I18nProvider i18n={texts}>
      <MantineProvider theme={theme} cssVariablesResolver={resolveVariables} defaultColorScheme="auto">
        <ErrorBoundary>
          <QueryClientProvider client={client}>
            <ConfirmProvider>
              <RouterProvider router={router} />
            </ConfirmProvider>
          </QueryClientProvider>
        </ErrorBoundary>
        <Notifications position="bottom-right" limit={4} />
      </MantineProvider>
    </I18nProvider>
  );
}
