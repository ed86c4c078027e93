// What calls for attention when an alert of the first level comes: a light on the screen, and a sound where the operator switched it on.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Happening } from '../board.ts';

const KEPT_AS = 'yunjian.sound';
const FLASH_MS = 8000;
/** Alerts that come together sound once. */
const QUIET_MS = 4000;
/** Hz and seconds from the start. */
const TONES: readonly [number, number][] = [
  [880, 0],
  [660, 0.22],
  [880, 0.44],
];
const TONE_S = 0.18;

/** `blocked`: switched on, but the browser lets a page sound only after a key or a click. */
export type Sound = 'off' | 'on' | 'blocked';

export interface Alarm {
  sound: Sound;
  /** A first-level alert came a moment ago. */
  flashing: boolean;
  toggle: () => void;
}

/** @param gravest the latest first-level alert that came while the page watched */
export function useAlarm(gravest: Happening | null): Alarm {
  const [wanted, setWanted] = useState(() => localStorage.getItem(KEPT_AS) === 'on');
  const [running, setRunning] = useState(false);
  const [flashing, setFlashing] = useState(false);
  const context = useRef<AudioContext | null>(null);
  /** Just switched on: it sounds once, so that the operator knows it. */
  const proving = useRef(false);
  const soundedAt = useRef(Number.NEGATIVE_INFINITY);

  useEffect(() => {
    if (!wanted) return;
    const audio = new AudioContext();
    context.current = audio;
    const told = () => {
      setRunning(audio.state === 'running');
      if (audio.state === 'running' && proving.current) ring(audio);
      if (audio.state === 'running') proving.current = false;
    };
    const wake = () => void audio.resume();
    audio.addEventListener('statechange', told);
    addEventListener('pointerdown', wake);
    addEventListener('keydown', wake);
    told();
    return () => {
      removeEventListener('pointerdown', wake);
      removeEventListener('keydown', wake);
      context.current = null;
      void audio.close();
    };
  }, [wanted]);

  const key = gravest?.key ?? null;
  useEffect(() => {
    if (key === null) return;
    if (context.current?.state === 'running' && performance.now() - soundedAt.current > QUIET_MS) {
      soundedAt.current = performance.now();
      ring(context.current);
    }
    setFlashing(true);
    const timer = setTimeout(() => setFlashing(false), FLASH_MS);
    return () => clearTimeout(timer);
  }, [key]);

  const toggle = () => {
    localStorage.setItem(KEPT_AS, wanted ? 'off' : 'on');
    proving.current = !wanted;
    setWanted(!wanted);
  };
  return { sound: !wanted ? 'off' : running ? 'on' : 'blocked', flashing, toggle };
}

function ring(audio: AudioContext): void {
  for (const [hertz, after] of TONES) {
    const from = audio.currentTime + after;
    const tone = new OscillatorNode(audio, { frequency: hertz });
    const volume = new GainNode(audio, { gain: 0.25 });
    volume.gain.setTargetAtTime(0, from + TONE_S * 0.6, 0.04);
    tone.connect(volume).connect(audio.destination);
    tone.start(from);
    tone.stop(from + TONE_S);
  }
}
