/**
 * The third face of the package: the settings of this device without its agent, for commands that show
 * and change them while none runs.
 * @module
 */
export { systemClock } from '../clock/system-clock.ts';
export { LiveSettings } from './live-settings.ts';
export { settingsFileOf, systemPolicyPlaces } from './policy-places.ts';
export type { SettingsChange } from './settings-file.ts';
