import '@mantine/core/styles/default-css-variables.css';
import '@mantine/core/styles.css';
import 'uplot/dist/uPlot.min.css';
import './styles/colours.css';
import './styles/console.css';
import './styles/figures.css';
import { createTheme, MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { createRoot } from 'react-dom/client';
import { ApiError } from './api/client.ts';
import { App } from './app.tsx';

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 2_000,
      // What the cloud refuses it refuses again; what did not reach it is tried again.
      retry: (times, error) => times < 2 && !(error instanceof ApiError && error.status < 500),
      refetchOnWindowFocus: true,
    },
  },
});

// Styles come from files alone: the cloud's content policy lets a page bring none of its own.
createRoot(document.getElementById('root')!).render(
  <MantineProvider
    theme={createTheme({ respectReducedMotion: true })}
    defaultColorScheme="auto"
    withCssVariables={false}
    withGlobalClasses={false}
  >
    <QueryClientProvider client={queries}>
      <App />
    </QueryClientProvider>
  </MantineProvider>,
);
