"""Tele2 Mobili Stotele, one brand of the SmartMEX platform."""
