import type { FastifyInstance } from 'fastify';
import { requireRole } from '../admin/access/require-role.ts';
import type { DeviceSettings, SettingsPatch } from './device-settings.ts';

const values = { type: 'object', maxProperties: 200 };
const patchBody = {
  type: 'object',
  properties: { Default: values, Forced: values },
  additionalProperties: false,
};

/** The device settings of the admin API (ours); registered in the admin scope. */
export function settingsRoutes(app: FastifyInstance, settings: DeviceSettings): void {
  const view = async () => {
    const { settings: served, problems } = await settings.view();
    return { ...served, Problems: problems };
  };
  app.get('/admin/settings', { onRequest: requireRole('viewer') }, view);

  app.patch<{ Body: SettingsPatch }>(
    '/admin/settings',
    { schema: { body: patchBody }, onRequest: requireRole('operator') },
    async (request) => {
      request.auditFacts = request.body;
      await settings.change(request.body);
      const { Default = {}, Forced = {} } = request.body;
      const changed = { default: Object.keys(Default), forced: Object.keys(Forced) };
      request.log.info(changed, 'device settings changed');
      return view();
    },
  );
}
