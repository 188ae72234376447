const NARROW = 280;

/** Places a popover under its opener, or above it when there is more room, inside the window. */
export function under(opener, popover, { fit = false } = {}) {
  const box = opener.getBoundingClientRect();
  const gap = 4;
  if (fit) popover.style.width = `${Math.min(window.innerWidth - gap * 4, Math.max(box.width, NARROW))}px`;
  const below = window.innerHeight - box.bottom - gap * 3;
  const above = box.top - gap * 3;
  const upward = below < Math.min(popover.scrollHeight, 220) && above > below;
  popover.style.maxHeight = `${Math.max(120, Math.min(340, upward ? above : below))}px`;
  const height = popover.offsetHeight;
  popover.style.top = `${upward ? box.top - gap - height : box.bottom + gap}px`;
  const left = Math.min(box.left, window.innerWidth - popover.offsetWidth - gap * 2);
  popover.style.left = `${Math.max(gap * 2, left)}px`;
}
