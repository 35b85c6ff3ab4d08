import {
  ActionIcon,
  Burger,
  Button,
  useComputedColorScheme,
  useMantineColorScheme,
} from '@mantine/core';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { useRollouts } from '../api/rollouts.ts';
import { hrefOf, useRoute } from '../routing/route.ts';
import { hasRole, type Session } from '../session/session.ts';
import { signOut } from '../session/sign-in.ts';
import { type MenuPage, menu } from './pages-of-console.ts';

/** What surrounds each page: the menu, who is signed in, light or dark. */
export function Shell({ session, children }: { session: Session; children: ReactNode }) {
  const [open, setOpen] = useState(false);
  const { path } = useRoute();
  const address = path.join('/');
  const main = useRef<HTMLElement>(null);
  const first = useRef(true);
  const { data: rollouts } = useRollouts();
  const isShown = ({ least, ifRollouts = false }: MenuPage) =>
    (least === undefined || hasRole(session.role, least)) && (!ifRollouts || Boolean(rollouts));
  // biome-ignore lint/correctness/useExhaustiveDependencies: on each change of the address.
  useEffect(() => {
    setOpen(false);
    // Who goes by keyboard or hears the page goes on where the new page begins.
    if (first.current) first.current = false;
    else main.current?.focus();
  }, [address]);
  return (
    <div className="shell">
      <button type="button" className="skip-link" onClick={() => main.current?.focus()}>
        Skip to the page
      </button>
      <header className="top-bar">
        <Burger
          className="menu-button"
          opened={open}
          onClick={() => setOpen(!open)}
          aria-label="Menu"
          aria-expanded={open}
          aria-controls="menu"
          size="sm"
        />
        <a href={hrefOf()} className="brand">
          Sluice
        </a>
        <span className="top-space" />
        <span className="who">
          {session.user} <span className="role">{session.role}</span>
        </span>
        <SchemeButton />
        <Button variant="default" size="xs" onClick={() => signOut(session)}>
          Sign out
        </Button>
      </header>
      <nav id="menu" className={open ? 'menu is-open' : 'menu'} aria-label="Pages">
        {menu.map(({ group, pages }) => (
          <MenuGroup key={group} group={group} pages={pages.filter(isShown)} at={path[0] ?? ''} />
        ))}
      </nav>
      <main ref={main} tabIndex={-1} className="page">
        {children}
      </main>
    </div>
  );
}

function MenuGroup({ group, pages, at }: { group: string; pages: MenuPage[]; at: string }) {
  return (
    <>
      <p className="menu-group">{group}</p>
      <ul>
        {pages.map((page) => (
          <li key={page.path}>
            <a
              href={page.path === '' ? hrefOf() : hrefOf(page.path)}
              aria-current={page.path === at ? 'page' : undefined}
            >
              {page.name}
            </a>
          </li>
        ))}
      </ul>
    </>
  );
}

function SchemeButton() {
  const { setColorScheme } = useMantineColorScheme();
  const dark = useComputedColorScheme('light') === 'dark';
  const name = dark ? 'Use light colours' : 'Use dark colours';
  return (
    <ActionIcon
      variant="default"
      size={30}
      aria-label={name}
      title={name}
      onClick={() => setColorScheme(dark ? 'light' : 'dark')}
    >
      {dark ? '☀' : '☾'}
    </ActionIcon>
  );
}
