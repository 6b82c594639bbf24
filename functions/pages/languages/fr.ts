import type { Messages } from '../wording.ts';

export const fr = {
  formTitle: 'Se désabonner des e-mails marketing',
  formText: 'Saisissez votre adresse e-mail et nous cesserons d’y envoyer des e-mails marketing.',
  emailLabel: 'Adresse e-mail',
  unsubscribe: 'Se désabonner',
  leaveEmpty: 'Laissez ce champ vide',
  confirmText:
    'Appuyez sur le bouton et nous cesserons d’envoyer des e-mails marketing à l’adresse qui a reçu ce lien.',
  recordedTitle: 'Votre demande est enregistrée',
  recordedText: 'Vous n’avez rien d’autre à faire. Cette page indiquera quand votre demande sera confirmée.',
  confirmedTitle: 'Votre demande est confirmée',
  confirmedText: 'Vous êtes désabonné(e) de nos e-mails marketing.',
  heldText:
    'Une personne de notre équipe doit l’examiner avant qu’elle puisse être exécutée. Vous n’avez rien d’autre à faire.',
  supersededTitle: 'Votre demande n’a pas été exécutée',
  supersededText: 'Vous vous êtes réabonné(e) après avoir fait cette demande.',
  recordedAt: 'Enregistrée : {time}',
  confirmedAt: 'Confirmée : {time}',
  reload: 'Recharger cette page',
  nothingChanged: 'Rien n’a été modifié.',
  badLink: 'Ce lien n’est pas valide ou a expiré',
  badAddress: 'Cette adresse e-mail n’est pas valide. Veuillez la saisir à nouveau.',
  trapFilled: 'Un champ qui doit rester vide a été rempli. Veuillez réessayer.',
  unknownBrand: 'Cette marque n’est pas connue ici',
  tooLarge: 'La demande était trop volumineuse',
  unreadable: 'La demande n’a pas pu être lue',
  tooMany: 'Trop de demandes. Veuillez patienter un peu, puis réessayer.',
  failure: 'Un problème est survenu de notre côté. Veuillez réessayer dans un instant.',
  language: 'Langue',
} as const satisfies Messages;
