import type { ProblemNumbers, Words } from "./words.ts";

function problem({ code, name, requested, left }: ProblemNumbers): string | undefined {
  const room = requested && left ? `Dieses Video hat ${requested}; ${left} sind noch frei.` : undefined;
  switch (code) {
    case "network":
      return "Die Verbindung ist abgebrochen. Prüfen Sie Ihr Netz und versuchen Sie es noch einmal.";
    case "unavailable":
    case "books_slow":
    case "books_busy":
    case "deadline_exceeded":
    case "internal_error":
      return "Der Dienst ist gerade nicht erreichbar. Versuchen Sie es in ein paar Minuten noch einmal.";
    case "storage_unavailable":
      return "Der Speicher antwortet gerade nicht. Versuchen Sie es in ein paar Minuten noch einmal.";
    case "signed_out":
    case "unauthorized":
    case "invalid_credentials":
      return "Sie sind nicht mehr angemeldet. Melden Sie sich bitte wieder an.";
    case "account_disabled":
    case "account_deleted":
      return "Dieses Konto kann nichts mehr hochladen.";
    case "storage_limit_exceeded":
      return room ?? "In Ihrem Speicher ist nicht mehr genug Platz. Löschen Sie Videos, die Sie nicht mehr brauchen.";
    case "bandwidth_limit_exceeded":
      return room ? `${room} Morgen ist wieder Platz.` : "Für heute ist alles verbraucht. Morgen geht es weiter.";
    case "name_taken":
      return name ? `Sie haben schon ein Video „${name}“.` : "Sie haben schon ein Video mit diesem Namen.";
    case "too_large":
      return "Diese Datei ist zu groß.";
    case "unsupported_type":
      return "Diese Art von Datei wird nicht angenommen.";
    case "too_many_open_uploads":
      return "Zu viele Uploads sind noch nicht fertig. Setzen Sie diese fort oder verwerfen Sie einige.";
    case "too_many_rejected":
    case "too_many_requests":
      return "Das waren zu viele Versuche. Warten Sie ein wenig.";
    case "upload_rejected":
    case "checksum_mismatch":
      return "Die Datei kam beschädigt an. Laden Sie sie noch einmal hoch.";
    case "file_changed":
    case "file_unreadable":
      return "Die Datei hat sich geändert oder ist nicht mehr da. Wählen Sie sie noch einmal aus.";
    case "upload_not_found":
    case "upload_cancelled":
    case "upload_expired":
      return "Dieser Upload ist abgelaufen oder wurde abgebrochen. Beginnen Sie noch einmal.";
    case "upload_elsewhere":
      return "Diese Datei wird schon in einem anderen Fenster hochgeladen.";
    case "aborted":
      return "Abgebrochen.";
    default:
      return undefined;
  }
}

export const german: Words = {
  drop: (several) => (several ? "Videos oder Ordner zum Hochladen hier ablegen" : "Ein Video zum Hochladen hier ablegen"),
  or: "oder",
  choose: (several) => (several ? "Videos auswählen" : "Video hochladen"),
  release: "Loslassen, um hochzuladen",
  zone: "Videos hochladen",
  files: "Dateien",
  unfinished: "Noch nicht fertig",
  storage: (left, limit) => `${left} von ${limit} sind in Ihrem Speicher noch frei.`,
  today: (left) => `${left} können heute noch übertragen werden.`,
  storageMeter: "Belegter Speicher",
  fit: (fits, of, left) => `${fits} von ${of} Dateien ${fits === 1 ? "passt" : "passen"}; ${left} sind noch frei.`,
  uploadOf: (name) => `Upload von ${name}`,
  waiting: "Wartet",
  checking: "Wird vorbereitet …",
  sent: (sent, total) => `${sent} von ${total}`,
  left: (time) => `noch ${time}`,
  paused: "Angehalten",
  finishing: "Gesendet. Das Video wird geprüft …",
  done: "Fertig hochgeladen",
  offline: "Sie sind offline. Es geht von selbst weiter, sobald Sie wieder online sind.",
  pause: "Anhalten",
  resume: "Fortsetzen",
  cancel: "Abbrechen",
  retry: "Wiederholen",
  remove: "Entfernen",
  rename: (name) => `Als „${name}“ hochladen`,
  replace: "Begonnenes verwerfen und diese Datei hochladen",
  arrived: (received, total) => `${received} von ${total} sind schon da. Wählen Sie die Datei noch einmal aus, um fortzufahren.`,
  chooseAgain: "Wählen Sie die Datei noch einmal aus, um fortzufahren.",
  goOn: "Datei auswählen",
  discard: "Verwerfen",
  discardAsk: "Was schon angekommen ist, wird gelöscht. Klicken Sie noch einmal, um es zu verwerfen.",
  discardNow: "Endgültig verwerfen",
  otherFile: (name, expected, found) => `Das ist nicht „${name}“: ${found} statt ${expected}. Wählen Sie dieselbe Datei noch einmal aus.`,
  said: {
    started: (name) => `${name}: Upload begonnen`,
    done: (name) => `${name}: fertig hochgeladen`,
    failed: (name, why) => `${name}: ${why}`,
    cancelled: (name) => `${name}: abgebrochen`,
  },
  wrongType: "Das ist keine Video- oder Audiodatei.",
  empty: "Diese Datei ist leer.",
  tooLarge: (size, limit) => `Diese Datei hat ${size}; höchstens ${limit} sind erlaubt.`,
  tooMany: (taken) => `Nur die ersten ${taken} Dateien wurden übernommen. Fügen Sie die anderen hinzu, wenn diese fertig sind.`,
  noEndpoint: "Diese Seite sagt nicht, wohin hochgeladen wird. Sagen Sie es bitte denen, die sie betreiben.",
  problem,
};
