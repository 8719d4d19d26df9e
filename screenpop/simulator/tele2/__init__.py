"""A stand-in for Tele2 Mobili Stotele."""
