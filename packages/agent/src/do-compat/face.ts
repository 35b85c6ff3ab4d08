/** What comes before an agent for Microsoft's clients is loaded; it loads little itself. */
export { makeWay } from './make-way.ts';
export { becomeUser, type ServiceUser, serviceUser } from './service-user.ts';
