import { checkGivenSettings, type PolicyValue, settingsView } from '@sluice/protocol/policy';
import type { LiveSettings } from '../policy/live-settings.ts';
import { type SettingsChange, storedProviders } from '../policy/settings-file.ts';
import type { Router } from './router.ts';

interface Change {
  Provider: SettingsChange['provider'];
  /** Null takes a value away. */
  Values: Record<string, unknown>;
  /** Whether it is all that the provider says. */
  Whole?: boolean;
}

const changeSchema = {
  type: 'object',
  properties: {
    Provider: { enum: storedProviders },
    Values: { type: 'object', maxProperties: 200 },
    Whole: { type: 'boolean' },
  },
  required: ['Provider', 'Values'],
  additionalProperties: false,
};

/**
 *     GET   /v1/settings          all settings with their providers, and what was not taken
 *     PATCH /v1/settings          changes what an admin has set, or imports policies; answers as GET does
 *     POST  /v1/settings/reload   reads files, environment and registry anew; answers as GET does
 *
 * The socket is its owner's alone, and so is changing settings.
 */
export function addSettingsRoutes(app: Router, settings: LiveSettings): void {
  const view = () => settingsView(settings.resolved);
  app.get('/v1/settings', view);
  app.post('/v1/settings/reload', async () => {
    await settings.reload();
    return view();
  });
  app.patch<{ Body: Change }>(
    '/v1/settings',
    { schema: { body: changeSchema } },
    async ({ body: { Provider: provider, Values: values, Whole: isWhole = false } }) => {
      await settings.change({ provider, values: storable(provider, values), isWhole });
      return view();
    },
  );
}

/** An admin is told at once what is wrong; of an import the rest is taken, and the wrong is listed. */
function storable(
  provider: Change['Provider'],
  values: Record<string, unknown>,
): Record<string, unknown> {
  if (provider !== 'Admin') return values;
  const given = Object.entries(values).filter(([, value]) => value !== null);
  const removed = Object.entries(values).filter(([, value]) => value === null);
  const checked = checkGivenSettings(Object.fromEntries(given) as Record<string, PolicyValue>);
  return { ...checked, ...Object.fromEntries(removed) };
}
