import { useEffect, useRef } from 'react';

/** When a dialog closes, or is gone, the focus goes back to where it was: to the button that opened it. */
export function useReturnFocus(opened: boolean): void {
  const before = useRef<Element | null>(null);
  const wasOpened = useRef(false);
  // While it is drawn, since the dialog takes the focus before effects of what is around it run.
  if (opened && !wasOpened.current) before.current = document.activeElement;
  wasOpened.current = opened;
  useEffect(() => {
    if (!opened) return;
    return () => {
      const element = before.current;
      // After the dialog has let go of it.
      requestAnimationFrame(() => element instanceof HTMLElement && element.focus());
    };
  }, [opened]);
}
